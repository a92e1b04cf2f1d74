/* The log of what was read: records one after the other in memory shared with forked processes.

   Threads append without locks: a lock could be held by another thread when a process forks. */

#include "reads.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOG_BYTES ((size_t)64 << 20) /* of address space; memory is used as the log grows */
#define CHECKSUM_LIMIT (16 << 20)    /* larger files are compared by time and size alone */
#define SEEN 16384                   /* slots for events that are in the log already */

typedef struct {
    _Atomic uint32_t size; /* of the record in bytes; 0 until it is complete */
    uint8_t kind;
    bool exists;
    uint32_t mode;
    uint32_t name_size;
    uint64_t device, inode, bytes, modified, changed; /* times in nanoseconds */
    char text[];                                      /* the path, then more data */
} Record;

static struct {
    _Atomic size_t used;
    _Atomic bool full;
} *shared;
static char *records;
static bool active;
static PyObject *scene_test;
static _Atomic uint64_t seen[SEEN];
static _Thread_local int silence;

static uint64_t
hash_bytes(uint64_t hash, const char *bytes, size_t count)
{
    for (size_t k = 0; k < count; k++)
        hash = (hash ^ (uint8_t)bytes[k]) * 0x100000001b3u;
    return hash;
}

void
change_silence(int step)
{
    silence += step;
}

bool
is_recording(void)
{
    return active && silence == 0;
}

bool
start_log(PyObject *is_of_scene)
{
    if (shared == NULL) {
        char *memory = mmap(NULL, LOG_BYTES, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            return PyErr_SetFromErrno(PyExc_OSError), false;
        shared = (void *)memory;
        records = memory + 64;
    }
    else
        memset(shared, 0, 64 + shared->used);
    for (int k = 0; k < SEEN; k++)
        seen[k] = 0;
    Py_XSETREF(scene_test, Py_NewRef(is_of_scene));
    active = true;
    return true;
}

void
stop_log(void)
{
    active = false;
}

/* Whether the same event is in the log; enters it if not. May forget, never invents. */
static bool
is_known(EventKind kind, bool exists, const char *path, size_t size)
{
    uint64_t key = hash_bytes(0xcbf29ce484222325u + kind * 2 + exists, path, size) | 1;
    return atomic_exchange(&seen[key / 2 % SEEN], key) == key;
}

static uint64_t
nanoseconds(struct timespec time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void
append(EventKind kind, const char *path, const struct stat *status, const char *data, size_t extra)
{
    size_t name_size = strlen(path);
    if (is_known(kind, status != NULL, path, name_size))
        return;
    size_t size = (sizeof(Record) + name_size + extra + 7) / 8 * 8;
    size_t start = atomic_fetch_add(&shared->used, size);
    if (start + size > LOG_BYTES - 64) {
        shared->full = true;
        return;
    }
    Record *record = (Record *)(records + start);
    record->kind = (uint8_t)kind;
    record->exists = status != NULL;
    record->name_size = (uint32_t)name_size;
    if (status != NULL) {
        record->mode = status->st_mode;
        record->device = status->st_dev;
        record->inode = status->st_ino;
        record->bytes = (uint64_t)status->st_size;
#ifdef __APPLE__
        record->modified = nanoseconds(status->st_mtimespec);
        record->changed = nanoseconds(status->st_ctimespec);
#else
        record->modified = nanoseconds(status->st_mtim);
        record->changed = nanoseconds(status->st_ctim);
#endif
    }
    memcpy(record->text, path, name_size);
    if (extra)
        memcpy(record->text + name_size, data, extra);
    atomic_store_explicit(&record->size, (uint32_t)(sizeof(Record) + name_size + extra),
                          memory_order_release);
}

/* `path` relative to an open `folder` or the working directory, as an absolute one in `result`. */
static bool
make_absolute(int folder, const char *path, char result[PATH_MAX])
{
    if (path[0] == '/')
        return snprintf(result, PATH_MAX, "%s", path) < PATH_MAX;
    char base[PATH_MAX];
    if (folder == AT_FDCWD) {
        if (getcwd(base, sizeof base) == NULL)
            return false;
    }
    else {
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t size = readlink(link, base, sizeof base - 1);
        if (size <= 0 || base[0] != '/')
            return false;
        base[size] = 0;
    }
    if (path[0] == 0)
        return snprintf(result, PATH_MAX, "%s", base) < PATH_MAX;
    return snprintf(result, PATH_MAX, "%s/%s", strcmp(base, "/") ? base : "", path) < PATH_MAX;
}

void
record_event_with(EventKind kind, int folder, const char *path, const struct stat *status,
                  const char *data, size_t size)
{
    if (!is_recording() || path == NULL)
        return;
    int error = errno;
    char absolute[PATH_MAX];
    if (make_absolute(folder, path, absolute))
        append(kind, absolute, status, data, size);
    errno = error;
}

void
record_event(EventKind kind, int folder, const char *path, const struct stat *status)
{
    record_event_with(kind, folder, path, status, NULL, 0);
}

void
record_name(EventKind kind, const char *name)
{
    if (is_recording() && name != NULL)
        append(kind, name, NULL, NULL, 0);
}

void
record_if_of_scene(EventKind kind)
{
    if (!is_recording() || PyGILState_GetThisThreadState() == NULL)
        return;
    int error = errno;
    silence++; /* the Python function may do what is recorded */
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyObject *answer = PyObject_CallFunction(scene_test, "i", kind);
    bool is_of_scene = answer == Py_True;
    Py_XDECREF(answer);
    PyErr_Restore(type, value, trace);
    PyGILState_Release(state);
    silence--;
    if (is_of_scene)
        record_name(kind, "");
    errno = error;
}

bool
was_read(int folder, const char *path)
{
    char absolute[PATH_MAX];
    if (!is_recording() || path == NULL || !make_absolute(folder, path, absolute))
        return false;
    size_t used = shared->used, size = strlen(absolute);
    for (size_t at = 0; at + sizeof(Record) <= used && at < LOG_BYTES - 64;) {
        Record *record = (Record *)(records + at);
        uint32_t length = atomic_load_explicit(&record->size, memory_order_acquire);
        if (length == 0)
            break;
        bool reads = record->kind == EVENT_READ || record->kind == EVENT_UPDATE;
        if (reads && record->name_size == size && memcmp(record->text, absolute, size) == 0)
            return true;
        at += (length + 7) / 8 * 8;
    }
    return false;
}

uint64_t
file_checksum(int folder, const char *path)
{
    int error = errno;
    int file = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint64_t hash = 0;
    struct stat status;
    if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size <= CHECKSUM_LIMIT) {
        char buffer[1 << 14];
        ssize_t count;
        hash = 0xcbf29ce484222325u;
        while ((count = read(file, buffer, sizeof buffer)) > 0)
            hash = hash_bytes(hash, buffer, (size_t)count);
    }
    if (file >= 0)
        close(file);
    errno = error;
    return hash;
}

static PyObject *
as_tuple(const Record *record, uint32_t size)
{
    size_t extra = size - sizeof(Record) - record->name_size;
    return Py_BuildValue("(iOIKKKKKy#y#)", record->kind, record->exists ? Py_True : Py_False,
                         record->mode, record->device, record->inode, record->bytes,
                         record->modified, record->changed, record->text,
                         (Py_ssize_t)record->name_size, record->text + record->name_size,
                         (Py_ssize_t)extra);
}

PyObject *
logged_events(void)
{
    PyObject *list = PyList_New(0);
    size_t used = shared != NULL ? shared->used : 0;
    for (size_t at = 0; list != NULL && at + sizeof(Record) <= used && at < LOG_BYTES - 64;) {
        Record *record = (Record *)(records + at);
        uint32_t size = atomic_load_explicit(&record->size, memory_order_acquire);
        if (size == 0)
            break;
        PyObject *row = as_tuple(record, size);
        if (row == NULL || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
        at += (size + 7) / 8 * 8;
    }
    if (list == NULL)
        return NULL;
    return Py_BuildValue("(NO)", list, shared != NULL && shared->full ? Py_True : Py_False);
}
