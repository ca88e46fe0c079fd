// copy.h - part of a graph made again in another one: some nodes become 0, states get other numbers, and everything is
// simplified anew. The first graph is only read, so many may copy from it at once.
#ifndef WN_EXPR_COPY_H
#define WN_EXPR_COPY_H

#include "expr/graph.h"

// Copy nodes[0..n) of `from` and everything below them into `to`; nodes[i] becomes the node of `to`. A node marked in
// is_zero [size of from] becomes the constant 0. State i becomes state_at[i]; a state whose entry is -1 must lie below
// nodes that are marked only. False: out of memory.
bool wn_graph_copy(const wn_graph *from, const unsigned char *is_zero, const int *state_at, wn_graph *to,
                   wn_node *nodes, int n);

#endif
