"""Why a row, or a whole file, was refused or had to be repaired."""

from flask_babel import lazy_gettext as _l

from casework.database import Code


class Reason(Code):
    """One sentence for whoever keeps the source in order."""

    # The row was left out.
    NO_ID = "no_id", _l("It has no id.")
    NO_NAME = "no_name", _l("It has no name.")
    NO_ORGANIZATION = "no_organization", _l("It names no organisation that is in the file.")
    DUPLICATE_ID = "duplicate_id", _l("An earlier row has the same id.")
    NOT_TEXT = "not_text", _l("A text was expected here, and something else was found.")
    TOO_DEEP = "too_deep", _l("It is nested too deeply.")
    TOO_LONG = "too_long", _l("It is too long.")
    MALFORMED = "malformed", _l("It cannot be read: its format is broken.")
    BROKEN_QUOTING = "broken_quoting", _l("Its quotation marks do not match.")
    WRONG_COLUMNS = "wrong_columns", _l("It does not have as many columns as the header.")
    CUT_SHORT = "cut_short", _l("The file ends in the middle of it.")
    # The row was taken, with a change.
    WRONG_ENCODING = "wrong_encoding", _l("It was not in UTF-8 and was read as Windows-1252.")
    CARRIAGE_RETURNS = (
        "carriage_returns",
        _l("Stray carriage returns and control characters were taken out."),
    )
    SHORTENED = "shortened", _l("A text was longer than there is room for and was shortened.")
    BAD_PHONE = "bad_phone", _l("A phone number that does not exist was left out.")
    BAD_EMAIL = "bad_email", _l("An email address that cannot be used was left out.")
    BAD_NUMBER = "bad_number", _l("A number that makes no sense was left out.")
    BAD_TIME = "bad_time", _l("A date or an hour that makes no sense was left out.")
    OFFSET_NOT_OF_REGION = (
        "offset_not_of_region",
        _l("The time offset is not that of its region; the region’s time zone was taken."),
    )
    ADDRESS_WITHHELD = (
        "address_withheld",
        _l("The place is confidential: its address was left out."),
    )
    # The file was refused as a whole.
    NOT_A_FILE = "not_a_file", _l("There is no file or folder that can be read.")
    FILE_GONE = "file_gone", _l("Its file is no longer there. Upload it again.")
    NO_PARTS = "no_parts", _l("There is nothing in it that belongs to this format.")
    ZIP_BOMB = "zip_bomb", _l("The archive unpacks to far too much.")
    BAD_ZIP = "bad_zip", _l("The archive is damaged or locked with a password.")
    PACKING = (
        "packing",
        _l("The archive is packed in a way that is not read here. Make an ordinary zip."),
    )
    ENTITIES = "entities", _l("It declares entities or a document type, which is not allowed.")
    NO_COLUMNS = "no_columns", _l("Its first line does not name the columns of this format.")


class Unreadable(Exception):
    """A whole file cannot be imported; reason says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
