"""From a console script to a Hydra job, with errors that a user can act on."""

import errno
import logging
import os
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TypeVar, final

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from gan_lightning.console import suggestions, synonyms, version
from gan_lightning.console.arguments import prepared
from gan_lightning.console.comments import drop_comment
from gan_lightning.console.folder import OwnFolder, remove_empty
from gan_lightning.console.help import help_of
from gan_lightning.console.output import keep_output_from_failing
from gan_lightning.console.quoting import SWEEP
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.processes.requests import EndRequest, answering, ending_at_once, requests_first

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNWRITABLE = (errno.EEXIST, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG)

Result = TypeVar("Result")


def users_errors() -> tuple[type[Exception], ...]:
    """Errors that a user can act on; they are printed as one sentence. Others keep their traceback."""
    kinds = (SettingError, FaultError, HydraException, OmegaConfBaseException, OSError)
    # Only who has imported Lightning can meet its errors, and importing it takes seconds.
    lightning = sys.modules.get("lightning.fabric.utilities.exceptions")
    return kinds if lightning is None else (*kinds, lightning.MisconfigurationException)


class PastHydra(BaseException):
    """Carries a user's error, as its cause, past Hydra, which would print a line of its own before the sentence."""


def printed() -> tuple[type[BaseException], ...]:
    """What ends a command with one sentence."""
    return (PastHydra, *users_errors())


def job(function: Callable[[DictConfig], Result]) -> Callable[[DictConfig], Result]:
    """Decorate the job of a console script, below `hydra.main`: its user's errors reach `run` in a `PastHydra`.

    In a sweep they stay as they are, for other jobs go on.
    """

    @wraps(function)
    def wrapped(config: DictConfig) -> Result:
        try:
            with requests_first():
                return function(config)
        except users_errors() as error:
            if HydraConfig.get().mode == RunMode.MULTIRUN:
                raise
            raise PastHydra from error

    return wrapped


@final
class TerminalHandler(logging.StreamHandler):  # type: ignore[type-arg]  # Python 3.10 takes no [TextIO] here
    """Writes to what `sys.stderr` is at that moment: rich replaces it while it keeps a progress bar below."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def run(entry: Callable[[], object]) -> None:
    """Run a function that `hydra.main` decorates; end with one sentence and status 1 on a user's error.

    Errors that no setting explains keep their traceback, and `HYDRA_FULL_ERROR=1` shows all of them. Output that cannot
    be written, or not in the terminal's encoding, is not an error.
    """
    keep_output_from_failing()
    # Python would put the working folder first on the search path of the processes that this one starts with -c or -m:
    # fork servers, trackers of shared memory, workers of a sweep. From Python 3.11 on, this keeps it out.
    os.environ["PYTHONSAFEPATH"] = "1"
    drop_comment()
    if "--version" in sys.argv[1:]:  # Hydra would print its own
        print(version.line(os.path.basename(sys.argv[0])))
        return
    if os.environ.get("HYDRA_FULL_ERROR") == "1":
        sys.argv[1:] = prepared(sys.argv[1:], _command())
        with answering():
            try:
                entry()
            except PastHydra as passing:
                raise passing.__cause__ or passing from None
        return
    os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra raise here instead of printing a traceback and exiting
    try:
        sys.argv[1:] = prepared(sys.argv[1:], _command())
        with answering():
            if {"--help", "-h"} & set(sys.argv[1:]):
                print(help_of(_command(), sys.argv[1:]))
            else:
                entry()
    except EndRequest as request:
        print(f"{os.path.basename(sys.argv[0])}: {request}", file=sys.stderr)
        raise
    except printed() as caught:
        error = caught.__cause__ if isinstance(caught, PastHydra) else caught
        print(f"{os.path.basename(sys.argv[0])}: {sentence(error or caught)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"{os.path.basename(sys.argv[0])}: interrupted", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    finally:
        del os.environ["HYDRA_FULL_ERROR"]
        remove_empty()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # for a program that calls this and reads what was printed


@contextmanager
def importing() -> Iterator[None]:
    """While torch and Lightning are imported, which takes seconds: a signal ends the command and leaves no folder."""
    with ending_at_once(remove_empty):
        yield
    quieten_logs()


def quieten_logs() -> None:
    """Let Lightning log warnings and the report of a profiler only, each once.

    Lightning sets its own levels and a handler when it is imported, so this must follow the import.
    """
    logging.getLogger("lightning").handlers.clear()  # whatever it wrote, the root's handlers write as well
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("lightning.pytorch.profilers").setLevel(logging.INFO)  # their report, which a user asked for


def _command() -> str:
    """What runs: `train`, `evaluate`, `generate` or `export`, also when Python runs the file, `training.py`."""
    name = Path(sys.argv[0]).stem.removeprefix("gan-")
    return name if name in synonyms.COMMANDS else "train"


def quieten() -> None:
    """Ignore what Lightning and torch say that does not concern the user."""
    # torch's announcement to Lightning, which still uses the old name.
    warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)
    # Tensors in memory are batched faster than workers could hand them over.
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    # A first update that is not finite may be left out, and the schedule goes on all the same.
    warnings.filterwarnings("ignore", r".*lr_scheduler.step\(\)` before `optimizer.step.*")
    # Every process logs the means over all of them.
    warnings.filterwarnings("ignore", ".*sync_dist=True.*")
    # The data module's order goes on inside an epoch, though its loader does not look like it.
    warnings.filterwarnings("ignore", ".*your dataloader is not resumable.*")
    # Where a resumed run ends before its next validation, and what it finds in its folder.
    warnings.filterwarnings("ignore", ".*could not find the monitored key.*")
    warnings.filterwarnings("ignore", "Checkpoint directory .* exists and is not empty.*")
    # The logging interval counts steps across epochs.
    warnings.filterwarnings("ignore", ".*is smaller than the logging interval.*")


def sentence(error: BaseException) -> str:
    """The message of the user's error that `error` is or was raised from, on one line."""
    if isinstance(error, OSError) and error.filename and _is_of_writing(error):
        setting = "hydra.sweep.dir" if set(SWEEP) & set(sys.argv) else "hydra.run.dir"
        return f"{error.filename} cannot be written ({error.strerror}); choose another folder with {setting}"
    if isinstance(error, OSError) and error.errno in _FULL and not error.filename:
        return f"a file could not be written ({error.strerror}); make room on the disk, or choose another folder"
    misspelled = suggestions.better(error, sys.argv[1:], _command())
    if misspelled is not None:
        return misspelled
    causes = list(_chain(error))
    if "Error locating target" in str(error):  # the reason is at the other end of the chain
        return f"{str(error).partition(',')[0]}: {causes[-1]}{_how_to_trust(causes[-1])}".replace("\n", " ")
    expected = next((cause for cause in causes if isinstance(cause, SettingError | FaultError)), None)
    call = re.match(r"Error in call to target '(.+?)':", str(error))
    if expected is None and call is not None:
        part = re.search(r"full_key: (\S+)", str(error))
        return " ".join(f"{part[1] if part else 'settings'}: {call[1]} takes no such settings ({causes[-1]})".split())
    if expected is not None:
        # From a worker of a data loader comes the whole traceback as the message.
        text = str(expected).rpartition("SettingError: ")[2] + _how_to_trust(causes[-1])
    else:
        text = next((str(cause) for cause in causes if str(cause)), type(error).__name__)
        # OmegaConf puts words of its own around what one of our resolvers raises.
        text = re.sub(r"(?s)^SettingError raised while resolving interpolation: (.*?)\s*full_key: .*", r"\1", text)
    return " ".join(text.split())


def _is_of_writing(error: OSError) -> bool:
    """Whether a folder could not be made, or a file in it not be written, rather than read."""
    return error.errno in _UNWRITABLE or OwnFolder.new == Path(error.filename)


def _how_to_trust(error: BaseException) -> str:
    """Advice for a module that lies in the working folder and was not imported; empty for other errors."""
    name = str(error.name) if isinstance(error, ModuleNotFoundError) else ""
    if name and (Path(name).is_dir() or Path(f"{name}.py").is_file()):
        return f"; {name} in this folder is imported only if you say 'trusted=[{name}]'"
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
