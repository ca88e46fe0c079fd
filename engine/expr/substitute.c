// substitute.c - nodes with some of their leaves replaced, simplified anew. Each node is rebuilt once, without
// recursion.

#include "expr/graph_impl.h"

#include <assert.h>

// rebuild every node below `size` that is needed, arguments first; made[] holds the replacements given beforehand
static bool rebuild(wn_graph *graph, const unsigned char *needed, int size, wn_node *made) {
  for (wn_node node = 0; node < size; node++) {
    if (!needed[node] || made[node] != WN_NO_NODE) continue;
    wn_graph_node at = *wn_graph_at(graph, node);
    wn_node arg[3] = {WN_NO_NODE, WN_NO_NODE, WN_NO_NODE};
    bool same = true;
    for (int i = 0; i < 3 && at.arg[i] != WN_NO_NODE; i++) {
      arg[i] = made[at.arg[i]];
      same = same && arg[i] == at.arg[i];
    }
    made[node] = same ? node : wn_graph_make(graph, at.op, arg, at.index);
    if (made[node] == WN_NO_NODE) return false;
  }
  return true;
}

bool wn_graph_substitute(wn_graph *graph, wn_node *nodes, int n, const wn_node *from, const wn_node *to, int n_pair) {
  int size = 0;
  for (int i = 0; i < n; i++)
    if (nodes[i] >= size) size = nodes[i] + 1;
  unsigned char *needed = wn_alloc((size_t)size + 1);
  wn_node *made = wn_alloc(((size_t)size + 1) * sizeof *made);
  bool ok = needed && made;
  for (int i = 0; ok && i < size; i++) made[i] = WN_NO_NODE;
  for (int i = 0; ok && i < n_pair; i++)
    if (from[i] < size) made[from[i]] = to[i];
  for (int i = 0; ok && i < n; i++)
    if (nodes[i] != WN_NO_NODE) needed[nodes[i]] = 1;
  for (wn_node node = size - 1; ok && node >= 0; node--) {
    const wn_graph_node *at = wn_graph_at(graph, node);
    for (int i = 0; i < 3 && needed[node] && at->arg[i] != WN_NO_NODE; i++) needed[at->arg[i]] = 1;
  }
  ok = ok && rebuild(graph, needed, size, made);
  for (int i = 0; ok && i < n; i++)
    if (nodes[i] != WN_NO_NODE) nodes[i] = made[nodes[i]];
  wn_free(needed);
  wn_free(made);
  return ok;
}
