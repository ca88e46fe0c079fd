"""Random record sets, and the table they make."""
import random

COLUMNS = ["time", "evid", "amt", "cmt", "rate", "ii", "addl", "ss", "WT", "L1", "F1", "L2", "F2", "D2", "R2"]
USUAL = {"WT": 70, "F1": 1, "F2": 1, "D2": 2, "R2": 10}


def pick_dose(rng, record):
    """Fill in a dose of any kind."""
    record["cmt"] = rng.choice((1, 2, 2))
    record["amt"] = rng.choice((50, 100, 100, 37.5, rng.uniform(1, 300)))
    record["rate"] = rng.choice((0, 0, 0, 20, 10, rng.uniform(2, 80), -1, -2))
    ii = rng.choice((6, 8, 12, 24, rng.uniform(3, 30)))
    if rng.random() < 0.35:
        record["ss"] = rng.choice((1, 1, 1, 2, 2, 3))
        record["ii"] = ii
        if rng.random() < 0.12:     # since ever, until now
            record["amt"] = record["ii"] = 0
            record["rate"] = rng.choice((0, 5, 20, -1))
            return
        if rng.random() < 0.25:     # as long as the interval, or twice
            record["rate"] = record["amt"] / record["ii"] / rng.choice((1, 2, 3))
    if rng.random() < 0.5:
        record["addl"], record["ii"] = rng.randint(1, 6), ii


def random_set(rng, n_state):
    """One individual's records in data order."""
    decimal = rng.random() < 0.4                    # times like 0.1, whose sums are not exact
    varies = rng.random() < 0.7                     # covariates change from row to row
    lagged, with_f = rng.random() < 0.5, rng.random() < 0.5
    time = rng.choice((0, 0, 5, -3))
    values = dict(USUAL)
    records = []
    for i in range(rng.randint(5, 22)):
        kind = rng.random()
        evid = 1 if i == 0 and rng.random() < 0.9 else 0 if kind < 0.55 else 1 if kind < 0.82 else 2 if kind < 0.9 else (
            3 if kind < 0.94 else 4)
        if i > 0 and rng.random() > 0.25:           # else a tie
            time += rng.choice((1, 0.5, 2, 4, 8, 12)) if not decimal else rng.choice((0.1, 0.3, 0.7, 1.1, 6.4, 12.2))
        if evid in (3, 4) and rng.random() < 0.5:   # the clock begins anew
            time = rng.choice((0, time - 10, time + 5))
        if i == 0 or varies:
            values["WT"] = rng.choice((50, 70, 95))
            values["L1"], values["L2"] = (rng.choice((0, 0.5, 1.25, 0.3, 7, 26)) if lagged else 0 for _ in range(2))
            values["F1"], values["F2"] = (rng.choice((1, 0.7, 0.412, 1.3, 0)) if with_f else 1 for _ in range(2))
            values["D2"], values["R2"] = rng.choice((2, 0.5, 5.5, 12, 30)), rng.choice((10, 25, 3.7, 100))
        record = {"time": time, "evid": evid, **values}
        if evid == 2 and rng.random() < 0.7:
            record["cmt"] = rng.choice((1, -1)) * rng.randint(1, n_state)
        if evid in (1, 4):
            pick_dose(rng, record)
        records.append(record)
    return records


def random_sets(seed, n, n_state):
    rng = random.Random(seed)
    return [random_set(rng, n_state) for _ in range(n)]


def write_table(path, sets, columns=None):
    """The sets as the individuals 1, 2, ... of one file; numbers exactly."""
    columns = columns or COLUMNS
    with open(path, "w", encoding="utf-8") as file:
        file.write("ID," + ",".join(c.upper() for c in columns) + "\n")
        for i, records in enumerate(sets):
            for record in records:
                file.write(f"{i + 1}," + ",".join(repr(record.get(c, 0)) for c in columns) + "\n")
    return path


def read_states(text, names):
    """Rows of the output: the named columns as numbers, empty ones as NaN."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    header = lines[0].split(",")
    at = [header.index(name) for name in names]
    return [[float(field[k]) if field[k] else float("nan") for k in at] for field in (l.split(",") for l in lines[1:])]
