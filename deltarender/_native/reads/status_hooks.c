/* Replacements of the functions of libc that look at files, folders and links. */

#define _GNU_SOURCE
#include "reads.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

void
record_listing(int folder, const char *path)
{
    int descriptor = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    struct stat status;
    if (stream == NULL || fstat(descriptor, &status) != 0) {
        if (descriptor >= 0 && stream == NULL)
            close(descriptor);
        return;
    }
    size_t size = 0, space = 1 << 12;
    char *names = malloc(space);
    for (struct dirent *entry; names != NULL && (entry = readdir(stream)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (size + length + 2 > space) {
            char *larger = realloc(names, space = 2 * space + length);
            if (larger == NULL)
                break;
            names = larger;
        }
        memcpy(names + size, entry->d_name, length + 1);
        size += length + 1;
    }
    closedir(stream);
    if (names != NULL)
        record_event_with(EVENT_LISTING, folder, path, &status, names, size);
    free(names);
}

#if CAN_HEAR_READS

static int
recorded_status(int folder, const char *path, struct stat *status, int flags)
{
    int result = fstatat(folder, path, status, flags);
    if (!is_recording() || path == NULL || (path[0] == 0 && flags & AT_EMPTY_PATH))
        return result;
    bool is_link = result == 0 && S_ISLNK(status->st_mode);
    if (result == 0 || errno == ENOENT || errno == ENOTDIR)
        record_event(is_link ? EVENT_LINK : EVENT_STATUS, folder, path,
                     result == 0 ? status : NULL);
    return result;
}

static int
heard_stat(const char *path, struct stat *status)
{
    return recorded_status(AT_FDCWD, path, status, 0);
}

static int
heard_lstat(const char *path, struct stat *status)
{
    return recorded_status(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

/* The functions that libraries built before glibc 2.33 call. */
static int
heard_xstat(int version, const char *path, struct stat *status)
{
    (void)version;
    return heard_stat(path, status);
}

static int
heard_lxstat(int version, const char *path, struct stat *status)
{
    (void)version;
    return heard_lstat(path, status);
}

static int
heard_fxstatat(int version, int folder, const char *path, struct stat *status, int flags)
{
    (void)version;
    return recorded_status(folder, path, status, flags);
}

static void
record_existence(int folder, const char *path, int flags)
{
    struct stat status;
    int error = errno;
    if (is_recording() && path != NULL && path[0] != 0)
        recorded_status(folder, path, &status, flags & AT_SYMLINK_NOFOLLOW);
    errno = error;
}

static int
heard_statx(int folder, const char *path, int flags, unsigned mask, struct statx *status)
{
    int result = statx(folder, path, flags, mask, status);
    record_existence(folder, path, flags);
    return result;
}

static int
heard_access(const char *path, int mode)
{
    int result = access(path, mode);
    record_existence(AT_FDCWD, path, 0);
    return result;
}

static int
heard_faccessat(int folder, const char *path, int mode, int flags)
{
    int result = faccessat(folder, path, mode, flags);
    record_existence(folder, path, flags);
    return result;
}

static ssize_t
heard_readlinkat(int folder, const char *path, char *target, size_t size)
{
    record_existence(folder, path, AT_SYMLINK_NOFOLLOW);
    return readlinkat(folder, path, target, size);
}

static ssize_t
heard_readlink(const char *path, char *target, size_t size)
{
    return heard_readlinkat(AT_FDCWD, path, target, size);
}

/* realpath with the size of its result, which compilers pass where they know it. */
static char *
heard_realpath_chk(const char *path, char *result, size_t size)
{
    (void)size;
    record_existence(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
    return realpath(path, result);
}

static char *
heard_realpath(const char *path, char *result)
{
    return heard_realpath_chk(path, result, PATH_MAX);
}

static DIR *
heard_opendir(const char *path)
{
    int error = errno;
    if (is_recording() && path != NULL) {
        record_listing(AT_FDCWD, path);
        record_existence(AT_FDCWD, path, 0);
    }
    errno = error;
    return opendir(path);
}

static DIR *
heard_fdopendir(int descriptor)
{
    int error = errno;
    if (is_recording())
        record_listing(descriptor, ".");
    errno = error;
    return fdopendir(descriptor);
}

static int
heard_scandir(const char *path, struct dirent ***names, int (*keep)(const struct dirent *),
              int (*compare)(const struct dirent **, const struct dirent **))
{
    int error = errno;
    if (is_recording() && path != NULL)
        record_listing(AT_FDCWD, path);
    errno = error;
    return scandir(path, names, keep, compare);
}

const Hook status_hooks[] = {
    {"stat", heard_stat}, {"stat64", heard_stat},
    {"lstat", heard_lstat}, {"lstat64", heard_lstat},
    {"fstatat", recorded_status}, {"fstatat64", recorded_status},
    {"__xstat", heard_xstat}, {"__xstat64", heard_xstat},
    {"__lxstat", heard_lxstat}, {"__lxstat64", heard_lxstat},
    {"__fxstatat", heard_fxstatat}, {"__fxstatat64", heard_fxstatat},
    {"statx", heard_statx}, {"access", heard_access}, {"euidaccess", heard_access},
    {"faccessat", heard_faccessat}, {"readlink", heard_readlink},
    {"readlinkat", heard_readlinkat}, {"realpath", heard_realpath},
    {"__realpath_chk", heard_realpath_chk}, {"opendir", heard_opendir},
    {"fdopendir", heard_fdopendir}, {"scandir", heard_scandir}, {"scandir64", heard_scandir},
    {NULL, NULL},
};

#else

const Hook status_hooks[] = {{NULL, NULL}};

#endif
