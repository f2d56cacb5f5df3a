/* Preloaded into a house on SQLite: writes down every write, truncation and flush of the database file and its
 * log, in the order they happen, so that a test can put together what a power cut would have left on the disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, CUT = 2, FLUSH = 3 };
struct note { uint32_t what, file; int64_t at, length; };

static int journal = -1;
static unsigned char known[8192];

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("POWERCUT_JOURNAL");
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    if (path) journal = real(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ends(const char *path, const char *end) {
    size_t n = strlen(path), m = strlen(end);
    return n >= m && !strcmp(path + n - m, end);
}

static void opened(int fd, const char *path) {
    if (fd >= 0 && fd < (int)sizeof known) known[fd] = ends(path, "/db.sqlite3") ? 1 : ends(path, "/db.sqlite3-wal") ? 2 : 0;
}

static void tell(uint32_t what, int fd, int64_t at, const void *data, int64_t length) {
    if (journal < 0 || fd < 0 || fd >= (int)sizeof known || !known[fd]) return;
    struct note note = {what, known[fd], at, length};
    struct iovec parts[2] = {{&note, sizeof note}, {(void *)data, data ? (size_t)length : 0}};
    if (writev(journal, parts, 2) < 0) abort();
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)
#define OPEN(called, name)                                                          \
    int called(const char *path, int flags, ...) {                                  \
        REAL(int, name, const char *, int, ...);                                    \
        va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more); \
        int fd = real(path, flags, mode); opened(fd, path); return fd;              \
    }
OPEN(open, "open")
OPEN(open64, "open64")

#define WRITES(called, name)                                                        \
    ssize_t called(int fd, const void *data, size_t n, off_t at) {                  \
        REAL(ssize_t, name, int, const void *, size_t, off_t);                      \
        ssize_t done = real(fd, data, n, at); if (done > 0) tell(WRITE, fd, at, data, done); return done; \
    }
WRITES(pwrite, "pwrite")
WRITES(pwrite64, "pwrite64")

ssize_t write(int fd, const void *data, size_t n) {
    REAL(ssize_t, "write", int, const void *, size_t);
    int64_t at = fd >= 0 && fd < (int)sizeof known && known[fd] ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = real(fd, data, n);
    if (done > 0) tell(WRITE, fd, at, data, done);
    return done;
}

#define CUTS(called, name) int called(int fd, off_t length) { REAL(int, name, int, off_t); int done = real(fd, length); if (!done) tell(CUT, fd, length, 0, 0); return done; }
CUTS(ftruncate, "ftruncate")
CUTS(ftruncate64, "ftruncate64")

#define FLUSHES(called, name) int called(int fd) { REAL(int, name, int); int done = real(fd); if (!done) tell(FLUSH, fd, 0, 0, 0); return done; }
FLUSHES(fsync, "fsync")
FLUSHES(fdatasync, "fdatasync")
