"""The error tree, and every coded reason.

    CurationError
     ├─ PolicyError       the operator asks for what cannot be done         exit 2
     ├─ Rejected          one item cannot be made safe; it is quarantined   the run goes on
     ├─ ContractBroken    what we made is not what a contract says          exit 3
     ├─ ResidueFound      what came in was found in what would go out       exit 4
     ├─ ShardFailed       an unforeseen error; the shard may be retried     exit 1
     └─ WorkerLost        a process was killed each time that it was tried  exit 1

An error carries an enum member and, where it helps, the name of a setting, a DICOM tag or an opaque id:
never a value from the source, so no message can leak one.
"""

from enum import StrEnum


class Problem(StrEnum):
    """What an operator can mend: each member's value is the sentence that the command line prints."""

    SOURCE_NOT_FOUND = "the source does not exist or cannot be read"
    SOURCE_EMPTY = "the source holds no DICOM instance and no report"
    SOURCE_UNSUPPORTED = "this kind of source is not supported"
    SOURCE_ADDRESS = "the address of the source is not valid"
    SOURCE_UNREACHABLE = "the source cannot be reached, or does not answer in time"
    SOURCE_REFUSED = "the source refuses to answer us"
    SOURCE_MISUNDERSTOOD = "the source does not answer as its kind should; is the address that of the service?"
    SOURCE_INTERRUPTED = "the transfer was interrupted; what came is kept, run the same command again"
    PACKAGE_MISSING = "a package that this needs is not installed: pip install 'radcurate[...]' with the extra"
    PORT_UNAVAILABLE = "the port cannot be listened on: it is in use, or not of this machine"
    SOURCE_DAMAGED = "the archive is damaged, or unpacks to far more than it holds"
    POLICY_NOT_FOUND = "the policy file does not exist or cannot be read"
    POLICY_NOT_TOML = "the policy file is not valid TOML"
    POLICY_UNKNOWN_SETTING = "the policy names a setting that does not exist"
    POLICY_BAD_VALUE = "the policy gives a setting a value that it cannot take"
    POLICY_CONTRADICTION = "the policy asks for two things that exclude each other"
    POLICY_INCOMPLETE = "the policy makes a statement mandatory and does not make it"
    POLICY_CHANGED = (
        "a run was killed under another policy; end it with that one, or remove the file underway from the workspace"
    )
    OPT_OUT_MISSING = "the opt-out list does not exist or cannot be read"
    OPT_OUT_STALE = "the opt-out list is older than the policy allows; export it again"
    OPT_OUT_GREW = "patients opted out while the run was under way; run it again and they are left out"
    KEY_MISSING = "the workspace has releases or shards, but its key is gone"
    DOMAIN_UNKNOWN = "the release is of a domain that this workspace does not know; is it the one that made it?"
    PATIENT_UNLINKED = "the secret of a patient is gone from the workspace: nobody can say what the patient is called"
    KEY_SHORT = "the key is not 32 bytes long"
    KEY_EXPOSED = "the key can be read by other users; run chmod 600 on it"
    WORKSPACE_INVALID = "the workspace cannot be used: it must be a directory that this user can write"
    WORKSPACE_EXPOSED = "the workspace can be read by other users; run chmod 700 on it"
    WORKSPACE_BUSY = "another run is using this workspace"
    WORKSPACE_UNUSED = "there is no workspace there that a run has used"
    WORKSPACE_IN_SOURCE = "the workspace and the release must lie outside the source"
    RELEASE_EXISTS = "a different release already stands there; releases are immutable, choose another directory"
    RELEASE_NOT_FOUND = "there is no release there"
    RELEASE_NOT_WRITABLE = "the release directory cannot be written"
    OUTPUT_EXISTS = "the output directory is not empty"
    PATIENT_UNKNOWN = "nobody of that PatientID is in the release or the workspace; does it need --issuer?"
    LOCATE_OFF = "the policy does not allow to say where a patient is; a policy that does has this setting"
    LOCATE_WHOM = "say whom to locate: either --patient-id or --pseudonym"
    LOCATE_REASON = "say why a patient is located: --reason; it must not name the patient"
    FORM_UNKNOWN = "a release is exported as webdataset or mds"
    INPUT_NOT_JSON_LINES = "the input is not JSON Lines with an id and a text in each line"
    NOTHING_PUBLISHED = "no study could be published; the reasons are in the workspace"
    MODEL_MISSING = "a language model that the policy names is not installed"
    CLUSTER_UNREACHABLE = "no Dask scheduler answers there, or its certificate does not fit"
    CLUSTER_EMPTY = "the Dask scheduler has no worker"
    CLUSTER_DIFFERS = "a Dask worker holds another version of Python or of this software"
    SERVER_SILENT = "Prefect's own server does not come up; remove the workspace's folder prefect, or name a server"
    SERVER_LOST = "Prefect's server was lost; what is committed stays, run the same command again"
    CLUSTER_LOST = "the Dask scheduler was lost; what is committed stays, run the same command again"


class Reason(StrEnum):
    """Why an instance, a report or a study was quarantined, or refused by policy."""

    UNREADABLE = "unreadable"
    CHANGED = "changed"
    NOT_DELIVERED = "not_delivered"
    EMPTY_FILE = "empty_file"
    NOT_DICOM = "not_dicom"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    MALFORMED = "malformed"
    MISSING_IDENTITY = "missing_identity"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    PATIENT_MISMATCH = "patient_mismatch"
    PIXELS_UNDECODABLE = "pixels_undecodable"
    PIXELS_TOO_LARGE = "pixels_too_large"
    TEXT_REMAINS = "text_remains"
    STUDY_WITHOUT_REPORT = "study_without_report"
    REPORT_WITHOUT_STUDY = "report_without_study"
    REPORTS_DISAGREE = "reports_disagree"
    REPORT_EMPTY = "report_empty"
    REPORT_UNDECODABLE = "report_undecodable"
    REPORT_ENCRYPTED = "report_encrypted"
    REPORT_WITHOUT_TEXT_LAYER = "report_without_text_layer"
    REPORT_BEFORE_STUDY = "report_before_study"
    STUDY_AMBIGUOUS = "study_ambiguous"
    LANGUAGE_UNSUPPORTED = "language_unsupported"
    NO_USABLE_IMAGE = "no_usable_image"
    RESIDUE = "residue"
    LABEL_CHANGED = "label_changed"
    UNEXPECTED = "unexpected"
    # refused by policy: nothing is wrong with the item, the policy does not want it
    DUPLICATE = "duplicate"
    NOT_AN_IMAGE = "not_an_image"
    BEYOND_IMAGE_LIMIT = "beyond_image_limit"
    MEDIA_DIRECTORY = "media_directory"
    NOT_A_REPORT = "not_a_report"
    SUPERSEDED = "superseded"
    NOT_FINAL = "not_final"
    WITHDRAWN = "withdrawn"
    OPTED_OUT = "opted_out"
    ACROSS_SPLITS = "across_splits"
    IN_BENCHMARK = "in_benchmark"
    IMAGE_BLANK = "image_blank"
    IMAGE_TOO_SMALL = "image_too_small"
    BODY_PART_UNWANTED = "body_part_unwanted"
    REPORT_TOO_SHORT = "report_too_short"
    RECOGNIZABLE_FACE = "recognizable_face"
    RARE_COMBINATION = "rare_combination"

    @property
    def by_policy(self) -> bool:
        """Whether this reason is a refusal by policy rather than a fault of the item."""
        return self in _BY_POLICY


_BY_POLICY = frozenset({
    Reason.DUPLICATE, Reason.NOT_AN_IMAGE, Reason.BEYOND_IMAGE_LIMIT, Reason.MEDIA_DIRECTORY, Reason.NOT_A_REPORT,
    Reason.SUPERSEDED, Reason.NOT_FINAL, Reason.WITHDRAWN, Reason.OPTED_OUT, Reason.ACROSS_SPLITS, Reason.IN_BENCHMARK,
    Reason.IMAGE_BLANK, Reason.IMAGE_TOO_SMALL, Reason.BODY_PART_UNWANTED, Reason.REPORT_TOO_SHORT,
    Reason.RECOGNIZABLE_FACE, Reason.RARE_COMBINATION,
})  # fmt: skip


class CurationError(Exception):
    """Root of every error that this library raises on purpose."""

    exit_code = 1


class PolicyError(CurationError):
    """The operator asks for what cannot be done.

    `where` names a setting or an option, never a value from the source.
    """

    exit_code = 2

    def __init__(self, problem: Problem, where: str = "") -> None:
        super().__init__(problem, where)
        self.problem, self.where = problem, where

    def __str__(self) -> str:
        return f"{self.problem.value} ({self.where})" if self.where else self.problem.value


class Rejected(CurationError):
    """One instance, report or study cannot be made safe; `where` is a tag such as "(0010,0010)" or empty."""

    def __init__(self, reason: Reason, where: str = "") -> None:
        super().__init__(reason, where)
        self.reason, self.where = reason, where

    def __str__(self) -> str:
        return f"{self.reason.value} {self.where}".rstrip()


class ContractBroken(CurationError):
    """What we made is not what a contract says; `contract` and `where` are names from schemas/ or expectations/."""

    exit_code = 3

    def __init__(self, contract: str, where: str = "") -> None:
        super().__init__(contract, where)
        self.contract, self.where = contract, where

    def __str__(self) -> str:
        return f"contract {self.contract} is broken: {self.where}"


class ShardFailed(CurationError):
    """A shard met an error that nobody foresaw; it may be retried. `kind` is the type of the error, never its text."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        return f"a shard failed with {self.kind}; what is committed stays, run the same command again"


class WorkerLost(CurationError):
    """A process was killed, by the system or an operator, each time that its work was tried."""

    def __str__(self) -> str:
        return "a worker was killed each time (out of memory?); what is committed stays, run again with fewer workers"


class ResidueFound(CurationError):
    """What came in was found in what would go out; `where` names the kind of place, never the value."""

    exit_code = 4

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where

    def __str__(self) -> str:
        return f"a source identifier was found in {self.where}"
