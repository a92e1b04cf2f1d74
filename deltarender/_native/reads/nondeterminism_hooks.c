/* Replacements of the functions of libc by which a picture may depend on more than files. */

#define _GNU_SOURCE
#include "reads.h"

#if CAN_HEAR_READS

#include <locale.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char *
heard_getenv(const char *name)
{
    record_name(EVENT_VARIABLE, name);
    return getenv(name);
}

static char *
heard_secure_getenv(const char *name)
{
    record_name(EVENT_VARIABLE, name);
    return secure_getenv(name);
}

static void
record_locale(const char *name)
{
    if (name == NULL || name[0] != 0)
        return;
    for (const char *const *variable =
             (const char *const[]){"LC_ALL", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LANG", NULL};
         *variable != NULL; variable++)
        record_name(EVENT_VARIABLE, *variable);
}

static char *
heard_setlocale(int category, const char *name)
{
    record_locale(name);
    return setlocale(category, name);
}

static int
heard_clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock == CLOCK_REALTIME)
        record_if_of_scene(EVENT_CLOCK);
    return clock_gettime(clock, now);
}

static int
heard_gettimeofday(struct timeval *now, void *zone)
{
    record_if_of_scene(EVENT_CLOCK);
    return gettimeofday(now, zone);
}

static time_t
heard_time(time_t *now)
{
    record_if_of_scene(EVENT_CLOCK);
    return time(now);
}

static struct tm *
heard_localtime_r(const time_t *moment, struct tm *result)
{
    record_if_of_scene(EVENT_TIMEZONE);
    return localtime_r(moment, result);
}

static struct tm *
heard_localtime(const time_t *moment)
{
    record_if_of_scene(EVENT_TIMEZONE);
    return localtime(moment);
}

static time_t
heard_mktime(struct tm *moment)
{
    record_if_of_scene(EVENT_TIMEZONE);
    return mktime(moment);
}

static ssize_t
heard_getrandom(void *bytes, size_t size, unsigned flags)
{
    record_if_of_scene(EVENT_RANDOM);
    return getrandom(bytes, size, flags);
}

static int
heard_getentropy(void *bytes, size_t size)
{
    record_if_of_scene(EVENT_RANDOM);
    return getentropy(bytes, size);
}

static int
heard_connect(int socket, const struct sockaddr *address, socklen_t size)
{
    if (address != NULL && (address->sa_family == AF_INET || address->sa_family == AF_INET6))
        record_name(EVENT_NETWORK, "");
    return connect(socket, address, size);
}

static int
heard_execve(const char *path, char *const arguments[], char *const variables[])
{
    record_name(EVENT_PROGRAM, path);
    return execve(path, arguments, variables);
}

static int
heard_execv(const char *path, char *const arguments[])
{
    record_name(EVENT_PROGRAM, path);
    return execv(path, arguments);
}

static int
heard_execvp(const char *name, char *const arguments[])
{
    record_name(EVENT_PROGRAM, name);
    return execvp(name, arguments);
}

static int
heard_posix_spawn(pid_t *process, const char *path, const posix_spawn_file_actions_t *actions,
                  const posix_spawnattr_t *attributes, char *const arguments[],
                  char *const variables[])
{
    record_name(EVENT_PROGRAM, path);
    return posix_spawn(process, path, actions, attributes, arguments, variables);
}

static int
heard_posix_spawnp(pid_t *process, const char *name, const posix_spawn_file_actions_t *actions,
                   const posix_spawnattr_t *attributes, char *const arguments[],
                   char *const variables[])
{
    record_name(EVENT_PROGRAM, name);
    return posix_spawnp(process, name, actions, attributes, arguments, variables);
}

static int
heard_system(const char *command)
{
    record_name(EVENT_PROGRAM, command);
    return system(command);
}

static FILE *
heard_popen(const char *command, const char *mode)
{
    record_name(EVENT_PROGRAM, command);
    return popen(command, mode);
}

bool
is_random_hook(const void *replacement)
{
    return replacement == (void *)heard_getrandom || replacement == (void *)heard_getentropy;
}

const Hook nondeterminism_hooks[] = {
    {"getenv", heard_getenv}, {"secure_getenv", heard_secure_getenv},
    {"setlocale", heard_setlocale}, {"clock_gettime", heard_clock_gettime},
    {"gettimeofday", heard_gettimeofday}, {"time", heard_time},
    {"localtime_r", heard_localtime_r}, {"localtime", heard_localtime},
    {"mktime", heard_mktime}, {"getrandom", heard_getrandom},
    {"getentropy", heard_getentropy}, {"connect", heard_connect},
    {"execve", heard_execve}, {"execv", heard_execv}, {"execvp", heard_execvp},
    {"posix_spawn", heard_posix_spawn}, {"posix_spawnp", heard_posix_spawnp},
    {"system", heard_system}, {"popen", heard_popen},
    {NULL, NULL},
};

#else

const Hook nondeterminism_hooks[] = {{NULL, NULL}};

#endif
