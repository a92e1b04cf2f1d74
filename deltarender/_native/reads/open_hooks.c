/* Replacements of the functions of libc that open, write, replace and remove files. */

#define _GNU_SOURCE
#include "reads.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Record that a file is about to lose its content, with a checksum of it if it was read. */
static void
record_overwrite(int folder, const char *path, const struct stat *before)
{
    uint64_t sum = before != NULL && was_read(folder, path) ? file_checksum(folder, path) : 0;
    record_event_with(EVENT_WRITE, folder, path, before, (const char *)&sum, sizeof sum);
}

void
record_before_writing(int folder, const char *path, int flags)
{
    struct stat status;
    int error = errno;
    bool exists = fstatat(folder, path, &status, 0) == 0;
    errno = error;
    if (exists && !S_ISREG(status.st_mode))
        return;
    if (!exists || flags & O_TRUNC)
        record_overwrite(folder, path, exists ? &status : NULL);
    else if ((flags & O_ACCMODE) == O_WRONLY)
        record_event(EVENT_APPEND, folder, path, &status);
    else {
        uint64_t sum = file_checksum(folder, path);
        record_event_with(EVENT_UPDATE, folder, path, &status, (const char *)&sum, sizeof sum);
    }
}

#if CAN_HEAR_READS

static void
record_opened(int folder, const char *path, int descriptor)
{
    struct stat status;
    int error = errno;
    if (descriptor < 0) {
        if (error == ENOENT || error == ENOTDIR || error == EACCES)
            record_event(EVENT_READ, folder, path, NULL);
    }
    else if (fstat(descriptor, &status) == 0)
        record_event(S_ISDIR(status.st_mode) ? EVENT_STATUS : EVENT_READ, folder, path, &status);
    errno = error;
}

static int
open_and_record(int folder, const char *path, int flags, mode_t mode)
{
    bool heard = is_recording() && path != NULL && !(flags & O_PATH);
    bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC;
    bool temporary = (flags & O_TMPFILE) == O_TMPFILE;
    if (heard && writes && !temporary)
        record_before_writing(folder, path, flags);
    int result = openat(folder, path, flags, mode);
    if (heard && !writes)
        record_opened(folder, path, result);
    return result;
}

static mode_t
mode_argument(int flags, va_list arguments)
{
    bool creates = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    return creates ? va_arg(arguments, mode_t) : 0;
}

static int
heard_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_and_record(AT_FDCWD, path, flags, mode);
}

static int
heard_openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_and_record(folder, path, flags, mode);
}

static int
heard_open_2(const char *path, int flags)
{
    return open_and_record(AT_FDCWD, path, flags, 0);
}

static int
heard_creat(const char *path, mode_t mode)
{
    return open_and_record(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static FILE *
heard_fopen(const char *path, const char *mode)
{
    bool heard = is_recording() && path != NULL && mode != NULL;
    bool updates = heard && strchr(mode, '+') != NULL;
    if (heard && (updates || mode[0] != 'r')) {
        int flags = updates ? O_RDWR : O_WRONLY;
        record_before_writing(AT_FDCWD, path, mode[0] == 'w' ? flags | O_TRUNC : flags);
    }
    FILE *result = fopen(path, mode);
    if (heard && mode[0] == 'r' && !updates)
        record_opened(AT_FDCWD, path, result != NULL ? fileno(result) : -1);
    return result;
}

static int
heard_mkstemp(char *template)
{
    int result = mkstemp(template);
    record_event(EVENT_WRITE, AT_FDCWD, template, NULL);
    return result;
}

static void
record_removed(int folder, const char *path)
{
    if (is_recording())
        record_event(EVENT_REMOVE, folder, path, NULL);
}

static void
record_replaced(int folder, const char *path)
{
    struct stat status;
    int error = errno;
    if (is_recording()) {
        bool exists = fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
        record_overwrite(folder, path, exists ? &status : NULL);
    }
    errno = error;
}

static int
heard_unlink(const char *path)
{
    record_removed(AT_FDCWD, path);
    return unlink(path);
}

static int
heard_unlinkat(int folder, const char *path, int flags)
{
    record_removed(folder, path);
    return unlinkat(folder, path, flags);
}

static int
heard_remove(const char *path)
{
    record_removed(AT_FDCWD, path);
    return remove(path);
}

static int
heard_rmdir(const char *path)
{
    record_removed(AT_FDCWD, path);
    return rmdir(path);
}

static int
heard_renameat(int old_folder, const char *old, int new_folder, const char *new)
{
    record_removed(old_folder, old);
    record_replaced(new_folder, new);
    return renameat(old_folder, old, new_folder, new);
}

static int
heard_rename(const char *old, const char *new)
{
    return heard_renameat(AT_FDCWD, old, AT_FDCWD, new);
}

static int
heard_mkdir(const char *path, mode_t mode)
{
    int result = mkdir(path, mode);
    if (result == 0)
        record_event(EVENT_WRITE, AT_FDCWD, path, NULL);
    return result;
}

static int
heard_mkdirat(int folder, const char *path, mode_t mode)
{
    int result = mkdirat(folder, path, mode);
    if (result == 0)
        record_event(EVENT_WRITE, folder, path, NULL);
    return result;
}

static int
heard_symlink(const char *target, const char *path)
{
    record_replaced(AT_FDCWD, path);
    return symlink(target, path);
}

static int
heard_link(const char *old, const char *new)
{
    record_replaced(AT_FDCWD, new);
    return link(old, new);
}

const Hook open_hooks[] = {
    {"open", heard_open}, {"open64", heard_open},
    {"openat", heard_openat}, {"openat64", heard_openat},
    {"__open_2", heard_open_2}, {"__open64_2", heard_open_2},
    {"creat", heard_creat}, {"creat64", heard_creat},
    {"fopen", heard_fopen}, {"fopen64", heard_fopen},
    {"mkstemp", heard_mkstemp}, {"mkstemp64", heard_mkstemp},
    {"unlink", heard_unlink}, {"unlinkat", heard_unlinkat},
    {"remove", heard_remove}, {"rmdir", heard_rmdir},
    {"rename", heard_rename}, {"renameat", heard_renameat},
    {"mkdir", heard_mkdir}, {"mkdirat", heard_mkdirat},
    {"symlink", heard_symlink}, {"link", heard_link},
    {NULL, NULL},
};

#else

const Hook open_hooks[] = {{NULL, NULL}};

#endif
