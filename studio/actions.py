"""The one table of everything that can be done: each action has a menu, a text and, nearly always, a shortcut."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from studio.icons import icon


@dataclass(frozen=True)
class Spec:
    name: str
    menu: str
    text: str
    shortcut: str = ""
    icon: str = ""
    """Of the icon font (studio/icons.py)."""
    tip: str = ""
    checkable: bool = False
    repeats: bool = False
    """Whether it is done again and again while its key is held."""
    page: str = ""
    """The one page that it is of; elsewhere neither its menu nor its shortcut has it."""


TABLE = (
    Spec("open-style", "&File", "&Install a style…", "Ctrl+O", "ph.folder-open", "Add a .samplernn file to the styles"),
    Spec("import", "&File", "I&mport an old checkpoint…", "Ctrl+Shift+I", "ph.download-simple", "Make a style of a checkpoint of samplernn-pytorch"),
    Spec("open-prime", "&File", "Open a recording to &prime with…", "Ctrl+P", "ph.music-notes", "A sound file to go on from"),
    Spec("settings", "&File", "&Settings…", "Ctrl+,", "ph.gear-six"),
    Spec("quit", "&File", "&Quit", "Ctrl+Q"),
    Spec("play", "&Play", "&Play", "Space", "ph.play-fill", "Play, or fade out and stop"),
    Spec("reset", "&Play", "Begin &again", "Ctrl+R", "ph.arrow-counter-clockwise", "From the style's start, with the same seed"),
    Spec("dice", "&Play", "Another &seed", "S", "ph.dice-five-fill", "Other chance from here on"),
    Spec("lock-seed", "&Play", "&Lock the seed", "Ctrl+L", "ph.lock-simple", "Keep this seed for the styles loaded next", True),
    Spec("cooler", "&Play", "&Cooler", "Down", "", "Lower the temperature: safer", repeats=True),
    Spec("hotter", "&Play", "&Hotter", "Up", "", "Raise the temperature: wilder", repeats=True),
    Spec("next-style", "&Play", "&Next style", "N", "", "Crossfade to the next style"),
    Spec("previous-style", "&Play", "Pre&vious style", "Shift+N", "", "Crossfade to the style before"),
    Spec("hear-style", "&Play", "Hear the st&yle", "H", "ph.ear", "Hear the chosen style's preview; the music waits. Again to end it", page="play"),
    Spec("clear-clip", "&Play", "Clear the level li&ghts", "C", "", "Put out the lights of the meter and forget its highest level"),
    Spec("raise-latency", "&Play", "Raise the la&tency", "Shift+L", "", "Keep 50 ms more sound ready: fewer dropouts, slower answers"),
    Spec("forget-dropouts", "&Play", "&Forget the dropouts", "Shift+D", "", "Count dropouts from nought again"),
    Spec("back", "&Timeline", "Back &ten seconds, another path", "B", "ph.git-branch", "Go back ten seconds and take another path"),
    Spec("audition", "&Timeline", "&Hear what is selected", "Return", "ph.ear", "Hear that moment; the music waits", page="play"),
    Spec("branch", "&Timeline", "&Branch from there", "Ctrl+B", "ph.git-branch", "Go on from the selected moment another way"),
    Spec("repeat", "&Timeline", "Go on from there the &same way", "Ctrl+Shift+B", "", "Go on from the selected moment with its own seed"),
    Spec("earlier", "&Timeline", "Select &earlier", "Left", repeats=True),
    Spec("later", "&Timeline", "Select &later", "Right", repeats=True),
    Spec("much-earlier", "&Timeline", "Select ten seconds earlier", "Shift+Left", repeats=True),
    Spec("much-later", "&Timeline", "Select ten seconds later", "Shift+Right", repeats=True),
    Spec("mark-before", "&Timeline", "Select the &mark before", "Ctrl+Left", "", "Where a prime, a style or a branch began", repeats=True),
    Spec("mark-after", "&Timeline", "Select the mark &after", "Ctrl+Right", "", "Where a prime, a style or a branch began", repeats=True),
    Spec("end-audition", "&Timeline", "Back to the m&usic", "Esc", "", "Hear no more of the past or of a recording"),
    Spec("record", "&Record", "&Record", "R", "ph.record-fill", "Record what is heard; again to end the take", True),
    Spec("keep", "&Record", "&Keep what I just heard", "K", "ph.bookmark-simple-fill", "Make a take of the last seconds"),
    Spec("keep-length", "&Record", "&How much to keep…", "Shift+K", "", "How many seconds Keep goes back"),
    Spec("recent-primes", "&Prime", "&Recent recordings…", "Ctrl+Shift+P", "", "Those that were last gone on from"),
    Spec("prime-audition", "&Prime", "&Hear the region", "Ctrl+H", "ph.ear", "Hear the recording's selected region; the music waits"),
    Spec("prime-go", "&Prime", "&Continue from this", "Ctrl+Return", "ph.arrow-bend-down-right", "Play on from the recording's region"),
    Spec("listen", "&Prime", "&Listen to the microphone", "M", "ph.microphone-fill", "Hear the microphone, then go on from that"),
    Spec("take-play", "&Takes", "&Hear the take", "Return", "ph.play-fill", "Hear the take; the music waits. Again to end it", page="takes"),
    Spec("take-prime", "&Takes", "&Prime with it", "P", "ph.arrow-bend-down-right", "Show it as the recording to go on from", page="takes"),
    Spec("take-longer", "&Takes", "Render it again, &longer…", "L", "ph.arrows-out-line-horizontal", "Make the take again from its recipe, and go on", page="takes"),
    Spec("take-rename", "&Takes", "&Rename", "F2", "ph.pencil-simple", "Give the take another name", page="takes"),
    Spec("take-export", "&Takes", "&Export…", "Ctrl+Shift+E", "ph.export", "Save as WAV, FLAC, OGG or MP3", page="takes"),
    Spec("take-copy", "&Takes", "&Copy the file", "Ctrl+C", "ph.copy", "Copy the file, to be pasted into a folder or another program", page="takes"),
    Spec("take-reveal", "&Takes", "&Show in its folder", "Ctrl+E", "ph.folder-open", "Open the folder that takes are in", page="takes"),
    Spec("take-delete", "&Takes", "&Delete", "Delete", "ph.trash", "Move to the trash", page="takes"),
    Spec("take-undo", "&Takes", "&Undo", "Ctrl+Z", "ph.arrow-u-up-left", "Take back the last deletion or name", page="takes"),
    Spec("take-find", "&Takes", "&Find…", "Ctrl+F", "ph.magnifying-glass", "Search names and styles", page="takes"),
    Spec("train-new", "T&rain", "&New training", "Ctrl+N", "ph.plus", "Choose recordings, and let a network learn them", page="train"),
    Spec("train-files", "T&rain", "Add &files…", "Ctrl+Shift+O", "ph.file-plus", "Add sound files to those that are to be learned", page="train"),
    Spec("train-folder", "T&rain", "Add a f&older…", "Ctrl+Shift+F", "ph.folder-plus", "Add all recordings of a folder", page="train"),
    Spec("train-start", "T&rain", "&Start", "Ctrl+Shift+Return", "ph.graduation-cap", "Start the training, or let it wait for its turn", page="train"),
    Spec("train-cancel", "T&rain", "Forget these re&cordings", "Ctrl+Backspace", "ph.x", "Stop reading recordings, and forget those that were chosen", page="train"),
    Spec("train-pause", "T&rain", "&Pause", "P", "ph.pause", "Save and wait; again to go on from there", page="train"),
    Spec("train-stop", "T&rain", "S&top here", "Ctrl+.", "ph.stop", "Save and end it, with what it has learned by now", page="train"),
    Spec("train-longer", "T&rain", "Train it &longer…", "L", "ph.graduation-cap", "Let one that is done go on learning from where it is", page="train"),
    Spec("train-hear", "T&rain", "&Hear what it has learned", "Return", "ph.ear", "Hear the latest clip, or that of the moment with the focus; the music waits", page="train"),
    Spec("train-install", "T&rain", "&Install as a style…", "I", "ph.download-simple", "Put the latest moment, or the one with the focus, among the styles; the training goes on", page="train"),
    Spec("train-log", "T&rain", "Show the &log", "G", "ph.list", "What the training itself said", True, page="train"),
    Spec("train-reveal", "T&rain", "Show in its fol&der", "Ctrl+E", "ph.folder-open", "Open the folder of the training", page="train"),
    Spec("train-delete", "T&rain", "&Delete", "Delete", "ph.trash", "Move the training to the trash; one that trains ends first", page="train"),
    Spec("train-undo", "T&rain", "&Undo", "Ctrl+Z", "ph.arrow-u-up-left", "Bring back the training that was deleted last", page="train"),
    Spec("page-play", "&View", "&Play", "Ctrl+1", "", "", True),
    Spec("page-takes", "&View", "&Takes", "Ctrl+2", "", "", True),
    Spec("page-train", "&View", "T&rain", "Ctrl+3", "", "", True),
    Spec("full-screen", "&View", "&Full screen", "F11", "", "", True),
    Spec("about-style", "&Help", "About this &style", "Ctrl+I", "ph.info"),
    Spec("log", "&Help", "Show the &log file", "Ctrl+Shift+L"),
    Spec("about", "&Help", "&About SampleRNN Studio", "F1"),
)  # fmt: skip


class Actions(QObject):
    """The table as QActions: `actions["play"].triggered.connect(...)`. They work wherever the focus is in the window
    but in a field that is being typed into."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._made: dict[str, QAction] = {}
        for spec in TABLE:
            action = QAction(spec.text, self)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            action.setAutoRepeat(spec.repeats)
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            plain = spec.tip or spec.text.replace("&", "").rstrip("…")
            action.setToolTip(f"{plain} ({spec.shortcut})" if spec.shortcut else plain)
            action.setStatusTip(plain)
            self._made[spec.name] = action
        self.colour()
        self.show_page("play")

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def colour(self) -> None:
        """Give the icons the colours in force."""
        for spec in TABLE:
            if spec.icon:
                self._made[spec.name].setIcon(icon(spec.icon))

    def show_page(self, page: str) -> None:
        """Let go of what is of other pages."""
        for spec in TABLE:
            if spec.page:
                self._made[spec.name].setVisible(spec.page == page)

    def by_menu(self) -> dict[str, list[QAction]]:
        """Menus in their order, each with its actions in theirs."""
        menus: dict[str, list[QAction]] = {}
        for spec in TABLE:
            menus.setdefault(spec.menu, []).append(self._made[spec.name])
        return menus
