"""Who asks and when, as places in a statement.

The words of a long statement are put together once (`functools.cache`), and each visit says who and
when: putting them together took as long as reading the rows.
"""

from sqlalchemy import DateTime, Integer, Uuid, bindparam

SERVICE = bindparam("service", type_=Uuid)
ACCOUNT = bindparam("account", type_=Uuid)
AT = bindparam("at", type_=DateTime(timezone=True))
# How far ahead, and how many rows at most.
UNTIL = bindparam("until", type_=DateTime(timezone=True))
MOST = bindparam("most", type_=Integer)
