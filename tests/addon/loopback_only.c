/* Loaded before the C library: whoever reaches for another computer is refused and written down. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int is_away(const struct sockaddr *address)
{
    if (address == NULL)
        return 0;
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 != 127;
    if (address->sa_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(six))
            return six->s6_addr[12] != 127;
        return !IN6_IS_ADDR_LOOPBACK(six);
    }
    return 0;
}

static void note(const char *what, const char *whom)
{
    int file = open(getenv("LOOPBACK_ONLY_LOG"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    dprintf(file, "%s %s\n", what, whom);
    close(file);
}

int connect(int socket, const struct sockaddr *address, socklen_t length)
{
    if (is_away(address)) {
        note("connect", "");
        errno = ENETUNREACH;
        return -1;
    }
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    return real(socket, address, length);
}

int bind(int socket, const struct sockaddr *address, socklen_t length)
{
    if (is_away(address)) {
        note("bind", "");
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    return real(socket, address, length);
}

ssize_t sendto(int socket, const void *data, size_t size, int flags,
               const struct sockaddr *address, socklen_t length)
{
    if (is_away(address)) {
        note("sendto", "");
        errno = ENETUNREACH;
        return -1;
    }
    ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
        dlsym(RTLD_NEXT, "sendto");
    return real(socket, data, size, flags, address, length);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    if (name && *name && strcmp(name, "localhost") && strcmp(name, "::1")
        && strncmp(name, "127.", 4)) {
        note("look up", name);
        return EAI_FAIL;
    }
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, found);
}
