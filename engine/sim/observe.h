// observe.h - what is seen of a batch while it runs. The step of every lane is cut into pieces at the borders of its
// dosing days; on every piece the outputs are known at five nodes of the solver's dense output, or at nine that the
// solver gives. A lane that stands has a piece without length, of which nothing is made. From these come integrals and
// extremes (spans.c) and windows (windows.c); rows of the grid and samples of the terminal phase are read off the dense
// output (rows.c). One observer serves one batch.
#ifndef WN_SIM_OBSERVE_H
#define WN_SIM_OBSERVE_H

#include "sim/batch.h"
#include "sim/piece.h"
#include "sim/result.h"
#include "sim/span_ops.h"

typedef WN_ARRAY(wn_window) wn_window_list;
typedef WN_ARRAY(wn_metric) wn_metric_list;

// What is collected for one series before the series are put together.
typedef struct wn_tally {
  wn_window_list windows;
  wn_metric_list metrics;
} wn_tally;

// A stretch of time that metrics are made for; each subject has its own. Blocks are [n_output][n_pad], n_pad the number
// of subjects padded to WN_LANES; where lanes beyond the subjects are read, nothing is made of them.
typedef enum wn_span_kind { WN_SPAN_RUN, WN_SPAN_FIRST, WN_SPAN_LAST, WN_N_SPAN } wn_span_kind;
typedef struct wn_span {
  double *from, *to;  // [n_pad]; NaN: the subject has no such span
  long long *member;  // [n_pad] all bits set where the current piece lies in the span
  bool any_member;
  double *integral, *high, *high_time, *low, *low_time;
} wn_span;

// A window of a subject while the run goes on. `d` is how far the compared value is inside the threshold.
typedef struct wn_watch {
  bool inside, open_start;
  double start, peak, peak_time;        // of the open window; peak as d
  double day_peak, day_peak_time;       // the same, in the last dosing day only; -inf none
  double best_day_peak, best_day_time;  // over closed windows
  double scale;                         // largest value compared: what rounding is relative to
} wn_watch;

enum { WN_N_WAITING = 32 };  // rows written into their columns together: some cache lines of each

// Rows of the grid, or samples of the terminal phase, on their way.
typedef enum wn_read { WN_READ_ROWS, WN_READ_TAIL, WN_N_READ } wn_read;
typedef struct wn_reader {
  int *next, *n_waiting;  // [n_subject] the next to be read; those whose states wait for their outputs
  double *due;            // [n_subject] time of the next; infinite: none
  double *time, *state;   // [n_subject][WN_N_WAITING], [n_state] each: of those that wait
} wn_reader;

enum { WN_N_AHEAD = 16 };  // rows read ahead together
enum { WN_N_TAIL = 129 };  // samples of the terminal phase
enum { WN_MOST_CUT = 4 };  // borders of the first and the last dosing day

typedef struct wn_observer {
  wn_batch *batch;
  wn_solver *solver;  // borrowed; set by the loop before the first step
  double rtol;
  const wn_result *result;
  wn_tally *tallies;  // [n_series] of the result
  wn_tally **tally;   // [n_subject] those of who has a place
  const wn_span_ops *ops;
  int n_pad;                   // subjects padded to WN_LANES
  double *slab;                // owns the blocks below
  int n_node;                  // of the current pieces: WN_N_NODE, or WN_N_EVEN where the solver gives them
  double *node[WN_MOST_NODE];  // outputs [n_output][width] at the nodes of the current pieces
  double *step[WN_MOST_NODE];  // the same at nodes of the whole step, where pieces are cut out of it
  double *at[WN_MOST_NODE];    // [width] times of the nodes
  double *half;                // [width] half the length of the pieces
  double *dense, *probe;       // states and outputs at probe_at [width]
  double *probe_at;
  double *cut;    // [WN_MOST_CUT][n_subject] borders of a subject's dosing days inside the run, ascending
  int *next_cut;  // [n_subject]
  wn_span span[WN_N_SPAN];
  wn_piece_rows rows;           // [n_pad] scratch of one value on the current piece
  double *depth[WN_MOST_NODE];  // [n_pad] scratch of one window at the nodes
  double *base;                 // [n_pad] scratch, its drug-free values
  double *row_time;             // [n_row] the grid; borrowed from the result, NULL when trajectories are not kept
  double **row;                 // [n_subject] -> [n_column][n_row] of the series
  const int *row_output;        // the outputs whose columns are kept; NULL: all states, then all outputs
  int n_row, n_column;
  wn_reader rows_of[WN_N_READ];
  int n_read, *read_state;  // the states that outputs read
  double *late;             // [WN_N_WAITING][n_output][width] outputs of what waited
  int *pair_lane;           // [WN_N_WAITING n_subject] states to be read together, and where they go
  double *pair_time, **pair_to;
  double *tail_from, *tail_length;  // [n_subject] terminal phase, from the last action to the end; length 0: none
  double *tail;                     // [n_tail][n_output][n_subject]
  bool *has_last_only;              // [n_subject] only those samples are there that the last half-life is read off
  bool *tail_ahead;                 // [n_subject] scratch: the samples of this step are wn_rows_tails_ahead's
  int *n_ahead;                     // [n_subject] scratch: times to read ahead
  double *ahead_time, *ahead;       // read ahead: times [WN_N_AHEAD][width], states [WN_N_AHEAD][n_state][width]
  double *ahead_output;             // [WN_N_AHEAD][n_output][width]
  wn_watch *watch;                  // [n_window][n_subject]
  double *event_time;               // [width] of each lane's last event: batch->state holds its state then
  double *reached;                  // [width] how far each lane was observed
} wn_observer;

// `tally` has an entry per series of the result; the observer writes only those of the batch's subjects.
wn_status wn_observer_init(wn_observer *observer, wn_batch *batch, const wn_result *result, wn_tally *tally,
                           double rtol, wn_error *err);
void wn_observer_free(wn_observer *observer);

// Somebody else took a place of the batch: nothing of who sat there before is left.
void wn_observer_seat(wn_observer *observer, int place);

// Before the doses at t_start, lanes of `which` [width]: on which side of their thresholds windows begin.
void wn_observe_start(wn_observer *observer, const bool *which);

// After the doses of the lanes in `which` [width] at their times; batch->state holds their states.
wn_status wn_observe_event(wn_observer *observer, const double *time, const bool *which, wn_error *err);

// The solver advanced; grid points at a lane's `stop` [width] wait for the event there.
wn_status wn_observe_step(wn_observer *observer, const double *stop, wn_error *err);

// A subject is at its end (batch->state holds its states): last row, windows still open. Or it failed: the rest is NaN.
wn_status wn_observe_end(wn_observer *observer, int place, wn_error *err);
void wn_observe_failure(wn_observer *observer, int place);

// Outputs [n_output][width] at times [width] within each lane's part of the solver's last call, the states at them in
// observer->dense; valid until the next call.
const double *wn_observe_probe(wn_observer *observer, const double *time);

// The same at a time within one subject's lane; the other lanes are asked where they are.
const double *wn_observe_probe_one(wn_observer *observer, int subject, double time);

// On the current piece the polynomial through its nodes is the output itself, as accurate as the solver.
static inline bool wn_observe_is_known(const wn_observer *observer, int output) {
  return observer->n_node == WN_N_EVEN && observer->batch->model->linear_output[output];
}

// spans.c: add the current piece to integrals and extremes.
void wn_spans_start(wn_observer *observer, int lane);
void wn_spans_add(wn_observer *observer);

// windows.c: follow every window over the current piece.
void wn_windows_start(wn_observer *observer, int lane);
wn_status wn_windows_add(wn_observer *observer, wn_error *err);
wn_status wn_windows_reserve(wn_observer *observer, const bool *which, wn_error *err);
wn_status wn_windows_end(wn_observer *observer, int lane, wn_error *err);
void wn_windows_sort(wn_observer *observer, int lane);

// rows.c: rows and samples that fall into the lanes' steps, but those at a stop; all that are left, from batch->state.
void wn_rows_start(wn_observer *observer, int lane);
void wn_rows_add(wn_observer *observer, const double *before, const double *now, const double *stop);
void wn_rows_flush(wn_observer *observer);                                // write what waits
void wn_rows_take(wn_observer *observer, wn_read kind, int lane, int n);  // n of a lane were read
void wn_rows_end(wn_observer *observer, int lane);

// rows_ahead.c: rows from `before` up to the stops, where the solver knows the way there at once.
void wn_rows_ahead(wn_observer *observer, const double *before, const double *stop);

// Lanes whose terminal phase is this step, where the solver knows its way: their samples, once the extremes are known
// up to its end.
void wn_rows_find_tails(wn_observer *observer, const double *before, const double *now);
void wn_rows_tails_ahead(wn_observer *observer, const double *before, const double *now);

// Time of the k-th sample of the terminal phase; what it must not be below to count, against the highest; the first
// sample of the last quarter up to `last`, false where that is too short.
double wn_rows_tail_time(const wn_observer *observer, int lane, int k);
double wn_rows_tail_least(const wn_observer *observer, double peak);
bool wn_rows_tail_part(const wn_observer *observer, int lane, int last, int *first);
void wn_rows_fail(wn_observer *observer, int lane);

// True when an output has a unit, so that cmax, tmax, auc and t_half make sense.
bool wn_output_has_unit(const wn_output *output);

#endif
