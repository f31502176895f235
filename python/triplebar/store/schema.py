"""What the tables of a store look like, as steps from one version of the schema to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Migration:
    """One step: statements separated by semicolons. A step that was published is never changed; a new one follows it.

    >>> Migration("two", "create table a (n integer); create table b (n integer)").statements
    ('create table a (n integer)', 'create table b (n integer)')
    """

    name: str
    script: str

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements, one by one."""
        return tuple(each.strip() for each in self.script.split(";") if each.strip())


SNAPSHOTS: Final = Migration(
    "snapshots",
    """
    create table snapshots (
        snapshot_id text primary key, kind text not null, data_hash text not null, calendar text, first_ns integer,
        last_ns integer, total_rows integer not null, created_ns integer not null
    );
    create index snapshots_by_time on snapshots (created_ns);
    create table snapshot_tables (
        snapshot_id text not null references snapshots on delete cascade, symbol text not null, file text not null,
        bytes integer not null, columns blob not null, instrument text, primary key (snapshot_id, symbol)
    );
    create index snapshot_tables_by_file on snapshot_tables (file)
    """,
)
RUNS: Final = Migration(
    "runs",
    """
    create table runs (
        run_id text primary key, result_hash text not null, config_hash text not null, data_digest text not null,
        snapshot_id text, strategy text not null, engine text not null, mode text not null, status text not null,
        symbols text not null, parameters text not null, metrics text not null, first_ns integer, last_ns integer,
        created_ns integer not null, saved_ns integer not null, folder text not null
    );
    create index runs_by_time on runs (created_ns);
    create index runs_by_config on runs (config_hash);
    create index runs_by_snapshot on runs (snapshot_id)
    """,
)
BATCHES: Final = Migration(
    "batches",
    """
    create table batches (
        batch_id text primary key, status text not null, total_items integer not null, configuration text not null,
        created_ns integer not null, started_ns integer, completed_ns integer
    );
    create index batches_by_time on batches (created_ns);
    create table batch_items (
        batch_id text not null references batches on delete cascade, item_id integer not null, success integer not null,
        run_id text, error_message text, error_category text, duration_seconds real not null,
        attempt_count integer not null, final_attempt_success integer not null, columns text not null,
        primary key (batch_id, item_id)
    )
    """,
)

TRIALS: Final = Migration(
    "trials",
    """
    create table trials (
        data_digest text not null, family text not null, strategy text not null, keys blob not null,
        evaluations integer not null, correlation real, first_ns integer not null, last_ns integer not null,
        primary key (data_digest, family)
    )
    """,
)

STUDIES: Final = Migration(
    "studies",
    """
    create table studies (
        id text primary key, name text unique, definition text not null, total integer not null, block integer not null,
        state text not null, digest text, created_ns integer not null, changed_ns integer not null
    );
    create index studies_by_time on studies (created_ns);
    create table study_blocks (
        study text not null references studies on delete cascade, block integer not null, sets integer not null,
        failures integer not null, bytes integer not null, seconds real not null, finished_ns integer not null,
        primary key (study, block)
    );
    create table study_failures (
        study text not null references studies on delete cascade, number integer not null, block integer not null,
        error text not null, message text not null, primary key (study, number)
    )
    """,
)

LEADERS: Final = Migration(
    "leaders",
    """
    create table leader_choices (run_id text primary key, as_of_ns integer not null, chosen_ns integer not null);
    create index leader_choices_by_time on leader_choices (as_of_ns);
    create table leaders (
        run_id text not null references leader_choices on delete cascade, rank integer not null, trader text not null,
        score real not null, primary key (run_id, rank)
    );
    create table leader_failures (as_of_ns integer not null, error text not null, failed_ns integer not null)
    """,
)

DATA_PARTS: Final = Migration(
    "data parts",
    """
    create table data_parts (
        part text not null, whole text not null, first_ns integer not null, last_ns integer not null,
        primary key (part, whole)
    );
    create index data_parts_by_whole on data_parts (whole)
    """,
)

STUDY_REASONS: Final = Migration("study reasons", "alter table studies add column reason text")

STUDY_RUNS: Final = Migration(
    "study runs",
    """
    create table study_runs (
        study text not null references studies on delete cascade, number integer not null, run_id text not null,
        parameters text not null, primary key (study, number)
    )
    """,
)

STORE: Final[tuple[Migration, ...]] = (
    *(SNAPSHOTS, RUNS, BATCHES, TRIALS, STUDIES, LEADERS, DATA_PARTS),
    *(STUDY_REASONS, STUDY_RUNS),
)
"""The steps of a store, the oldest first."""

SNAPSHOT_USERS: Final = (
    "select snapshot_id from runs",
    "select json_extract(columns, '$.snapshot_id') from batch_items",
)
"""Where snapshots are named: one that none of these gives is an orphan."""
