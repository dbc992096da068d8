"""What can be set for a training, in the words of musicians."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PresetWords:
    title: str
    meaning: str
    """What it is good for, and how heavy it is."""


PRESETS = {
    "resonant": PresetWords(
        "Resonant",
        "The one to begin with, and what the styles that come along are. It knows how a tone rings on and learns the "
        "rest: notes after an hour, on one core of a laptop, which also plays it live. At 8 kHz, so it is dark.",
    ),
    "live": PresetWords(
        "Live",
        "As small, but it has to learn all by itself, at 16 kHz: brighter, noisier, and for much longer without notes.",
    ),
    "two-tier-2017": PresetWords(
        "Large",
        "The network that was found best for music in 2017. It remembers more, but is 20 times as large and 40 times "
        "as heavy: it needs a good graphics card to learn in less than days, and one to play live.",
    ),
    "paper-3tier": PresetWords(
        "Paper",
        "The network of the SampleRNN paper, for comparing with its results. It hears in finer steps, is 10 times as "
        "large as Live and 70 times as heavy, and needs a graphics card all the more.",
    ),
}


@dataclass(frozen=True)
class FieldWords:
    title: str
    meaning: str
    choices: tuple[tuple[str, str], ...] = ()
    """Where there are only some: each as it is written, and as it is said."""


YES_OR_NO = (("true", "Yes"), ("false", "No"))

TRAINING_FIELDS = {
    "learning_rate": FieldWords(
        "Learning rate",
        "How far the network moves at each step. Too high and it never settles, too low and it takes for ever. Lower "
        "it if the curve of its bits jumps up.",
    ),
    "batch": FieldWords(
        "Recordings at once",
        "How many recordings are walked side by side. More make each step steadier, slower, and take more memory.",
    ),
    "accumulate": FieldWords(
        "Parts of a step",
        "Goes through the recordings of a step in so many parts: the same result in less memory, a little slower.",
    ),
    "chunk": FieldWords(
        "Samples a step",
        "How much of each recording one step listens to. What lies further apart than this is learned only indirectly; "
        "more takes more memory.",
    ),
    "valid_every": FieldWords(
        "Steps between checks",
        "How often it is checked, in steps, on recordings that it does not learn from.",
    ),
    "keep_every": FieldWords(
        "Steps between kept moments",
        "Keep what it has learned every so many steps, to listen to and to install. 0: only the last and the best.",
    ),
    "input_noise": FieldWords(
        "Noise while listening",
        "Blurs what it hears, but not what it has to guess, by up to so many steps of the wave. A network that never "
        "heard mistakes does not know how to go on after its own. 0: none.",
    ),
    "forget": FieldWords(
        "Share begun from silence",
        "How often, from 0 to 1, it has to go on as if only silence had come before. Helps where a style does not get "
        "going, or dies away and stays silent.",
    ),
    "warmup": FieldWords(
        "Steps to warm up",
        "Over so many steps the learning rate rises from nothing, so that the first moves are not too wild.",
    ),
    "final_learning_rate": FieldWords(
        "Learning rate at the end",
        "What is left of the learning rate at the last step, from 0 to 1: it becomes more careful towards the end.",
    ),
    "clip": FieldWords(
        "Largest move",
        "No single step may pull harder than this: one odd recording does not throw everything over.",
    ),
    "average": FieldWords(
        "Steadiness",
        "What is heard and installed is an average over the last steps. Nearer to 1 is over more of them.",
    ),
    "seed": FieldWords("Seed", "What decides chance: the same seed, recordings and settings learn the same again."),
}

MODEL_FIELDS = {
    "sample_rate": FieldWords(
        "Sample rate",
        "In Hz. Half of it is the highest tone that there can be. Twice the rate is twice the work, and half as much "
        "music that is remembered.",
    ),
    "frame_sizes": FieldWords(
        "Frame sizes",
        "How the levels above the samples divide time, lowest first, such as 16 or 2,4. The first counts samples, each "
        "other one frames of the level below. Longer frames are lighter and coarser.",
    ),
    "units": FieldWords(
        "Size of the memory",
        "Numbers in each recurrent layer, which remember what was played. Twice as many are four times the work.",
    ),
    "rnn_layers": FieldWords("Layers of memory", "Recurrent layers in each level above the samples."),
    "rnn": FieldWords(
        "Kind of memory",
        "The kind of recurrent layer. A GRU is lighter and plays faster; an LSTM sometimes remembers longer.",
        (("gru", "GRU"), ("lstm", "LSTM")),
    ),
    "skip_connections": FieldWords(
        "Skip connections",
        "Let every layer also see what comes in and what goes out. Helps with many layers; plays more slowly.",
        YES_OR_NO,
    ),
    "mlp_units": FieldWords(
        "Size of the sample level",
        "Numbers in each layer of the part that chooses every single sample. It is paid for at each of them: the most "
        "expensive number here.",
    ),
    "mlp_hidden": FieldWords(
        "Layers of the sample level", "Layers between the first and the last of the part that chooses every sample."
    ),
    "mlp_first_relu": FieldWords(
        "First layer bends",
        "Whether the first layer of the sample level is followed by a bend (ReLU). Without one it needs more layers.",
        YES_OR_NO,
    ),
    "embedding": FieldWords(
        "Size of a sample's picture",
        "By how many numbers each possible sample is told to the sample level. It costs nothing when playing.",
    ),
    "weight_norm": FieldWords(
        "Weight normalisation",
        "Learn the length and the direction of weights apart, as the original did. Steadier for large networks.",
        YES_OR_NO,
    ),
    "levels": FieldWords(
        "Steps of the wave",
        "Into how many heights a sample is rounded. More hiss less and are harder to learn.",
    ),
    "quantizer": FieldWords(
        "Spacing of the steps",
        "Mu-law and A-law make the steps finer where the wave is quiet, as the ear does; linear makes all equal.",
        (("mu-law", "Mu-law"), ("a-law", "A-law"), ("linear", "Linear")),
    ),
    "emphasis": FieldWords(
        "Pre-emphasis",
        "What is taken off each sample of the one before it, as a fraction, before it is rounded, and put back after: "
        "the hiss of the rounding is then where the music is loud. 0: nothing.",
    ),
    "prediction_order": FieldWords(
        "Prediction",
        "From how many samples the next one is predicted by plain arithmetic, for the network to know. Cleaner tones, "
        "more work. 0: not at all.",
    ),
    "prediction_window": FieldWords("Prediction listens to", "Samples that the prediction is fitted to."),
    "prediction_every": FieldWords("Prediction is fitted every", "Samples from one fit of the prediction to the next."),
    "prediction_mean": FieldWords(
        "Prediction takes off",
        "Over how many samples the mean is taken off before the prediction is fitted, so that an offset does not ring "
        "on. 0: none is.",
    ),
    "prediction_shapes": FieldWords(
        "Prediction's shapes", "How many shapes of doubt around the predicted sample the network may mix."
    ),
    "noise_told": FieldWords(
        "Told of noise",
        "Whether it is told how much noise is in what it reads. It then takes what it plays itself for what it is, "
        "and need not doubt every quiet tone.",
        YES_OR_NO,
    ),
}
