"""What SampleRNN is held against: how few bits others need for the same recordings, and how fast they draw samples.
For the report alone; nothing here is played or offered."""
