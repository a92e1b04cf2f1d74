/* What a process reads: files, folders, links and variables, heard where libraries call libc.

   read_log.c      the log of what was read, in memory that forked processes share
   open_hooks.c    replacements of the functions of libc that open, write and remove files
   status_hooks.c  replacements of those that look at files, folders and links
   nondeterminism_hooks.c   replacements of those that ask for variables, time, random numbers and programs
   audit_hook.c    what Python itself does, for systems where no function can be replaced
   relocations.c   puts the replacements into the tables of all loaded libraries
   reads_module.c  the Python functions

   Libraries call libc through addresses in their relocation tables. These are overwritten, as a
   debugger would do it: no privilege, no second process, some nanoseconds per call. Neither the
   system calls of libc itself nor those of programs without libc are heard. */

#ifndef DELTARENDER_READS_H
#define DELTARENDER_READS_H

#include "../native.h"

#include <errno.h>
#include <sys/stat.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#define CAN_HEAR_READS 1
#else
#define CAN_HEAR_READS 0
#endif

typedef enum {
    EVENT_READ = 1, /* opened for reading */
    EVENT_SOURCE,   /* loaded by Python's import system */
    EVENT_MODULE,   /* a folder and a name for which a module was looked for in it */
    EVENT_WRITE,    /* created, or emptied, or replaced */
    EVENT_UPDATE,   /* opened for reading and writing, with its content */
    EVENT_APPEND,   /* opened for writing only, with its content */
    EVENT_REMOVE,
    EVENT_STATUS, /* asked whether it exists, or for its size */
    EVENT_LINK,   /* asked where it points, or what it is itself */
    EVENT_LISTING,
    EVENT_LOADED, /* a library that was mapped */
    EVENT_VARIABLE,
    EVENT_PROGRAM,
    EVENT_NETWORK,
    EVENT_CLOCK,
    EVENT_TIMEZONE,
    EVENT_RANDOM,
} EventKind;

typedef struct {
    const char *name;
    void *replacement;
} Hook;

extern const Hook open_hooks[], status_hooks[], nondeterminism_hooks[]; /* each ends with a NULL name */

/* Whether a replacement hears random numbers. */
bool is_random_hook(const void *replacement);

/* Whether events of this thread are recorded now. */
bool is_recording(void);

/* Append an event; `status` is NULL where the file is absent. Keeps errno. */
void record_event(EventKind kind, int folder, const char *path, const struct stat *status);
/* The same with more data, which follows the path in the log. */
void record_event_with(EventKind kind, int folder, const char *path, const struct stat *status,
                       const char *data, size_t size);
/* Append an event that has a name instead of a path. */
void record_name(EventKind kind, const char *name);
/* Append an event if Python code of the scene caused it, which a Python function decides. */
void record_if_of_scene(EventKind kind);
/* Whether a file was recorded as read. */
bool was_read(int folder, const char *path);
/* A checksum of a file's content; 0 if it cannot be read. */
uint64_t file_checksum(int folder, const char *path);

/* Record that a file will be opened for writing: whether its content is kept, and what it was. */
void record_before_writing(int folder, const char *path, int flags);
/* Record the names in a folder, each followed by a zero. */
void record_listing(int folder, const char *path);
/* Hear what Python's own functions do where those of libc cannot be heard; false on errors. */
bool add_audit_hook(void);

bool start_log(PyObject *is_of_scene);
void stop_log(void);
PyObject *logged_events(void);
/* Add `step` to the number of reasons not to record events of this thread. */
void change_silence(int step);

/* Replace the functions in all libraries that are loaded; false if that cannot be done. */
bool hook_loaded_libraries(void);

PyObject *hear_reads(PyObject *module, PyObject *unused);
PyObject *hear_python(PyObject *module, PyObject *unused);
PyObject *start_reads(PyObject *module, PyObject *is_of_scene);
PyObject *stop_reads(PyObject *module, PyObject *unused);
PyObject *read_events(PyObject *module, PyObject *unused);
PyObject *call_unheard(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *note_event(PyObject *module, PyObject *arguments);
PyObject *checksum(PyObject *module, PyObject *path);
bool add_event_kinds(PyObject *module);

#endif
