/* Overwrites the addresses of libc's functions in the relocation tables of loaded libraries. */

#define _GNU_SOURCE
#include "reads.h"

#if !CAN_HEAR_READS

bool
hook_loaded_libraries(void)
{
    return false;
}

#else

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __x86_64__
#define IS_ADDRESS(type) ((type) == R_X86_64_GLOB_DAT || (type) == R_X86_64_JUMP_SLOT || \
                          (type) == R_X86_64_64)
#else
#define IS_ADDRESS(type) ((type) == R_AARCH64_GLOB_DAT || (type) == R_AARCH64_JUMP_SLOT || \
                          (type) == R_AARCH64_ABS64)
#endif

typedef struct {
    const ElfW(Sym) *symbols;
    const char *names;
    const ElfW(Rela) *table, *plt;
    size_t table_count, plt_count, relative_count;
    const uint32_t *gnu_hash, *hash;
} Dynamic;

typedef struct {
    ElfW(Addr) start;
    size_t size;
} Range;

#define SLOTS 509
#define MAX_OBJECTS 4096

static unsigned long long objects_loaded, objects_unloaded;
static const Hook *hook_table[SLOTS + 1]; /* the first is not NULL once the others are set */
static ElfW(Addr) visited[MAX_OBJECTS];
static size_t visited_count;

static const void *
dynamic_address(const struct dl_phdr_info *object, ElfW(Addr) value)
{
    return (const void *)(value < object->dlpi_addr ? value + object->dlpi_addr : value);
}

static Dynamic
parse_dynamic(const struct dl_phdr_info *object, const ElfW(Dyn) *entry)
{
    Dynamic result = {0};
    bool has_addends = true;
    for (; entry->d_tag != DT_NULL; entry++) {
        ElfW(Addr) value = entry->d_un.d_ptr;
        const void *address = dynamic_address(object, value);
        switch (entry->d_tag) {
        case DT_SYMTAB: result.symbols = address; break;
        case DT_STRTAB: result.names = address; break;
        case DT_RELA: result.table = address; break;
        case DT_RELASZ: result.table_count = value / sizeof(ElfW(Rela)); break;
        case DT_RELACOUNT: result.relative_count = value; break;
        case DT_JMPREL: result.plt = address; break;
        case DT_PLTRELSZ: result.plt_count = value / sizeof(ElfW(Rela)); break;
        case DT_PLTREL: has_addends = value == DT_RELA; break;
        case DT_GNU_HASH: result.gnu_hash = address; break;
        case DT_HASH: result.hash = address; break;
        }
    }
    if (!has_addends)
        result.plt_count = 0;
    return result;
}

static size_t
slot_of(const char *name)
{
    uint32_t hash = 5381;
    while (*name)
        hash = hash * 33 + (uint8_t)*name++;
    return (hash ^ hash >> 16) % SLOTS;
}

static void *
replacement_of(const char *name)
{
    if (hook_table[0] == NULL) {
        const Hook *lists[] = {open_hooks, status_hooks, nondeterminism_hooks};
        for (int k = 0; k < 3; k++)
            for (const Hook *hook = lists[k]; hook->name != NULL; hook++) {
                size_t slot = slot_of(hook->name);
                while (hook_table[slot + 1] != NULL)
                    slot = (slot + 1) % SLOTS;
                hook_table[slot + 1] = hook;
            }
        hook_table[0] = open_hooks;
    }
    size_t slot = slot_of(name);
    for (; hook_table[slot + 1] != NULL; slot = (slot + 1) % SLOTS)
        if (strcmp(hook_table[slot + 1]->name, name) == 0)
            return hook_table[slot + 1]->replacement;
    return NULL;
}

/* Whether an object was patched before; enters it if not. */
static bool
is_visited(ElfW(Addr) address)
{
    for (size_t k = 0; k < visited_count; k++)
        if (visited[k] == address)
            return true;
    if (visited_count < MAX_OBJECTS)
        visited[visited_count++] = address;
    return false;
}

/* Whether random numbers that an object takes are those of Python: libraries written in Rust take
   some for each of their hash tables, which change nothing. */
static bool
is_python(const struct dl_phdr_info *object)
{
    return object->dlpi_name[0] == 0 || strstr(object->dlpi_name, "libpython") != NULL;
}

/* For each undefined symbol its replacement or NULL; the caller frees it. NULL if none has one. */
static void **
find_replacements(const Dynamic *dynamic, bool with_random, size_t *count)
{
    /* Undefined symbols are not in the GNU hash table, whose symbols are the last ones. */
    *count = dynamic->gnu_hash != NULL ? dynamic->gnu_hash[1]
             : dynamic->hash != NULL   ? dynamic->hash[1]
                                       : 0;
    void **result = calloc(*count + 1, sizeof(void *));
    bool any = false;
    for (size_t k = 1; result != NULL && k < *count; k++)
        if (dynamic->symbols[k].st_shndx == SHN_UNDEF) {
            result[k] = replacement_of(dynamic->names + dynamic->symbols[k].st_name);
            if (result[k] != NULL && !with_random && is_random_hook(result[k]))
                result[k] = NULL;
            any |= result[k] != NULL;
        }
    if (any)
        return result;
    free(result);
    return NULL;
}

static void
patch_table(const struct dl_phdr_info *object, const ElfW(Rela) *table, size_t count,
            void **replacements, size_t symbols)
{
    for (size_t k = 0; k < count; k++) {
        size_t symbol = ELF64_R_SYM(table[k].r_info);
        if (symbol == 0 || symbol >= symbols || replacements[symbol] == NULL ||
            !IS_ADDRESS(ELF64_R_TYPE(table[k].r_info)) || table[k].r_addend != 0)
            continue;
        *(void **)(object->dlpi_addr + table[k].r_offset) = replacements[symbol];
    }
}

/* Make what the loader has write-protected after relocation writable, or protect it again. */
static bool
protect(Range range, int access)
{
    ElfW(Addr) page = (ElfW(Addr))sysconf(_SC_PAGESIZE);
    ElfW(Addr) first = range.start & -page, end = (range.start + range.size) & -page;
    return end <= first || mprotect((void *)first, end - first, access) == 0;
}

static bool
contains(const struct dl_phdr_info *object, const void *address)
{
    for (int k = 0; k < object->dlpi_phnum; k++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[k];
        ElfW(Addr) offset = (ElfW(Addr))address - object->dlpi_addr - part->p_vaddr;
        if (part->p_type == PT_LOAD && offset < part->p_memsz)
            return true;
    }
    return false;
}

static bool
is_own_or_libc(const struct dl_phdr_info *object)
{
    const char *name = strrchr(object->dlpi_name, '/');
    name = name != NULL ? name + 1 : object->dlpi_name;
    return strncmp(name, "ld-", 3) == 0 || strncmp(name, "libc.", 5) == 0 ||
           strncmp(name, "libc-", 5) == 0 || strncmp(name, "linux-vdso", 10) == 0 ||
           strncmp(name, "libasan", 7) == 0 || contains(object, (void *)hook_loaded_libraries);
}

static int
patch_object(struct dl_phdr_info *object, size_t size, void *unused)
{
    (void)size, (void)unused;
    const ElfW(Dyn) *entries = NULL;
    Range protected = {0};
    for (int k = 0; k < object->dlpi_phnum; k++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[k];
        if (part->p_type == PT_DYNAMIC)
            entries = (const void *)(object->dlpi_addr + part->p_vaddr);
        if (part->p_type == PT_GNU_RELRO)
            protected = (Range){object->dlpi_addr + part->p_vaddr, part->p_memsz};
    }
    if (entries == NULL || is_visited(object->dlpi_addr) || is_own_or_libc(object))
        return 0;
    if (object->dlpi_name[0] == '/') {
        struct stat status;
        if (stat(object->dlpi_name, &status) == 0)
            record_event(EVENT_LOADED, -1, object->dlpi_name, &status);
    }
    Dynamic dynamic = parse_dynamic(object, entries);
    size_t symbols = 0;
    void **replacements = find_replacements(&dynamic, is_python(object), &symbols);
    if (replacements != NULL && protect(protected, PROT_READ | PROT_WRITE)) {
        size_t relative = dynamic.relative_count < dynamic.table_count ? dynamic.relative_count
                                                                      : dynamic.table_count;
        patch_table(object, dynamic.table + relative, dynamic.table_count - relative,
                    replacements, symbols);
        patch_table(object, dynamic.plt, dynamic.plt_count, replacements, symbols);
        protect(protected, PROT_READ);
    }
    free(replacements);
    return 0;
}

static int
read_counts(struct dl_phdr_info *object, size_t size, void *counts)
{
    (void)size;
    ((unsigned long long *)counts)[0] = object->dlpi_adds;
    ((unsigned long long *)counts)[1] = object->dlpi_subs;
    return 1;
}

bool
hook_loaded_libraries(void)
{
    unsigned long long counts[2] = {0, 0};
    dl_iterate_phdr(read_counts, counts);
    if (counts[1] != objects_unloaded)
        visited_count = 0; /* another object may be at the same address now */
    if (counts[0] != objects_loaded)
        dl_iterate_phdr(patch_object, NULL);
    objects_loaded = counts[0];
    objects_unloaded = counts[1];
    return true;
}

#endif
