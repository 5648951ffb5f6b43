/*
 * Preloaded into linux.uml (6.1, 6.12). That writes a process's floating-point state back from a buffer of 2696 bytes; where the CPU
 * has AMX, the host's kernel refuses any but the whole state (PTRACE_SETREGSET of NT_X86_XSTATE: EFAULT). Here the rest is filled
 * up with what is there: AMX's tiles, which no host of the tests uses. Needs no headers.
 */
extern void *dlsym(void *handle, const char *name);

enum { GETREGSET = 0x4204, SETREGSET = 0x4205, NT_X86_XSTATE = 0x202 };
#define RTLD_NEXT ((void *)-1)

struct area {
  char *base;
  unsigned long length;
};

typedef long trace(long request, long pid, void *address, void *data);

long ptrace(long request, long pid, void *address, void *data) {
  static trace *next;
  static char state[65536];
  struct area whole = {state, sizeof state}, *given = data;
  unsigned long i;

  if (!next) next = (trace *)dlsym(RTLD_NEXT, "ptrace");
  if (request != SETREGSET || address != (void *)NT_X86_XSTATE) return next(request, pid, address, data);
  if (next(GETREGSET, pid, address, &whole) < 0) return -1;
  for (i = 0; i < given->length && i < whole.length; i++) state[i] = given->base[i];
  return next(SETREGSET, pid, address, &whole);
}
