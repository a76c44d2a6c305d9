/* Keys and values of the switch's maps: the one page on which its BPF programs and its C++ side agree. ir.hpp
 * has the same as C++ values. A pinned map outlives the daemon, so a change here is a change of format: count
 * SWITCH_FORMAT up. */
#ifndef BULKHEAD_VNET_BPF_LAYOUT_H
#define BULKHEAD_VNET_BPF_LAYOUT_H

#include <linux/bpf.h>
#include <linux/types.h>

#define SWITCH_FORMAT 3
#define SWITCH_PORTS 2048 /* slot 0 counts for interfaces that are nobody's port */
#define SWITCH_ADDRESSES 4096
#define SWITCH_OUTSIDE 16384 /* prefixes */
#define SWITCH_RULES 131072
#define SWITCH_CONDUITS 16384
#define SWITCH_ZONES 1024
#define SWITCH_TENANTS 256
#define SWITCH_CONNECTIONS 262144 /* of all tenants; each has a quota of its own */
#define SWITCH_PEERS 8            /* that one port may reach over one layer-2 protocol */
#define SWITCH_MEMBERS 64         /* of a zone, who get its router's advertisements */
#define SWITCH_DENIALS 4096
#define SWITCH_MTU 1500

/* Why a frame was dropped. Append only: the numbers are in pinned maps, the names in views and tests. */
#define SWITCH_DROPS(X)                                                                              \
    X(not_a_port)        /* the interface it came in from, or is to go out of, is nobody's port */   \
    X(runt)              /* shorter than the headers it starts */                                    \
    X(too_long)          /* a frame, or a segment of a super-frame, above the MTU */                 \
    X(vlan)              /* a tag on a port without VLANs, a tag that nobody has, or two tags */     \
    X(source_mac)        /* not the sender's own MAC address; group addresses are never a source */  \
    X(ethertype)         /* outermost ethertype that no rule declares; LLC and SNAP too */           \
    X(group_destination) /* broadcast or multicast that no protocol here needs */                    \
    X(source_address)    /* source is not the sender's own address */                                \
    X(malformed)         /* version, header length or a length field contradicts the frame */        \
    X(options)           /* IPv4 options, or an IPv6 extension header */                             \
    X(fragment)          /* a fragment */                                                            \
    X(arp_sender)        /* sender in an ARP or ND message is not the frame's or the port's */       \
    X(arp_operation)     /* an ARP reply that nobody asked for, or another operation */              \
    X(no_conduit)        /* no conduit to that address in either direction */                        \
    X(service)           /* a conduit to that address, but not for this protocol and port */         \
    X(direction)         /* opens a connection against the conduit's direction */                    \
    X(destination_mac)   /* neither the receiver's MAC address nor the gateway's */                  \
    X(peer_gone)         /* the receiver's port is not there at the moment */                        \
    X(from_host)         /* the host itself sent it into a port */                                   \
    X(second_check)      /* what arrived at a port is not for it: a defect or tampering */           \
    X(neighbour)         /* ND other than a solicitation: advertisement, redirect, router's words */ \
    X(unknown_neighbour) /* asks for an address that it has no conduit to */                         \
    X(dhcp)              /* DHCP where none is offered, of a server, or for another's MAC */         \
    X(icmp_error)        /* an error about a flow that is not there */                               \
    X(no_connection)     /* belongs to no connection, and opens none */                              \
    X(tcp_state)         /* a TCP segment that its connection can't have here */                     \
    X(connections_full)  /* the tenant has as many connections open as it may */                     \
    X(rate)              /* above the rate of its port or its conduit */                             \
    X(mirror)            /* sent by a mirror, which only listens */                                  \
    X(hop_limit)         /* its time to live ends here, or an ND message crossed a router */         \
    X(offload) /* asks that a checksum be written where none of TCP or UDP stands; or for fragments */

enum switch_drop {
#define SWITCH_DROP_ENUM(name) switch_drop_##name,
    SWITCH_DROPS(SWITCH_DROP_ENUM)
#undef SWITCH_DROP_ENUM
        switch_drop_count
};

/* As model::PortKind. */
enum switch_port_kind {
    switch_tap = 0,
    switch_wire = 1,
    switch_host = 2,
    switch_router = 3,
    switch_outside = 4,
    switch_mirror = 5,
    switch_guard = 6,
};

/* An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). All in network order. */
struct switch_address {
    __be32 word[4];
};

/* Map `sources`, by ifindex: what stands at the other end of an interface, for the first check. A tap or a
 * router is one port; behind a wire stand hosts, each found by its address. */
struct switch_source {
    __u32 slot;
    __u16 tenant;
    __u16 zone;
    struct switch_address address;  /* IPv4; zero words: none */
    struct switch_address address6; /* zero: none */
    __u8 mac[6];
    __u8 kind;
    __u8 dhcp;    /* its zone's router offers DHCP */
    __u32 router; /* slot of its zone's router, 0: none */
};

/* Map `addresses`, by switch_address: who has it. */
struct switch_endpoint {
    __u32 slot;
    __u16 tenant;
    __u16 zone;
    __u8 mac[6];
    __u16 vlan; /* tag on its wire; 0: none */
};

/* LPM trie `outside`: the slot of the networks beyond the routers, by prefix. 0: nobody's, for it is the
 * network of a zone, or none that a packet could come from or go to. */
struct switch_prefix {
    __u32 length; /* in bits of the whole; IPv4 adds 96 */
    struct switch_address address;
};

/* Array `targets`, by slot: where a port is. ifindex 0: it is not there. A slot that gets another port, or a
 * port another MAC, address, zone or set of prefixes, is `born` anew, in the epoch that follows: connections
 * judged before that are judged again, from the addresses on. */
struct switch_target {
    __u32 ifindex;
    __u32 born; /* epoch */
    __u16 vlan;
    __u8 mac[6];
    __u8 gateway_mac[6]; /* of the router of its zone: a frame to that MAC is sent on by us */
    __u8 limited;        /* what it sends is limited by its bucket */
    __u8 guest;          /* a tap: its frames come with wishes for the kernel (offload.h) */
};

/* Hash `policy`, exact match, constant cost: may `from` open a flow to `port` of `to`? */
struct switch_flow {
    __u32 from; /* slots */
    __u32 to;
    __be16 port;    /* of `to`; 0 for ICMP echo */
    __u8 transport; /* IANA protocol number; ICMPv6 is 1 here, as ICMP */
    __u8 zero;
};

/* A rule's number before and after an epoch: a packet that read epoch e takes `after` if e >= since, else
 * `before`. An update writes entries with since = epoch + 1, then counts the epoch up: every packet is judged
 * by the one policy or the other. 0: no rule. The entry is no more than a pointer: what is allowed, and when,
 * the rule says (policy.h). */
struct switch_choice {
    __u32 before;
    __u32 after;
    __u32 since;
};

/* Array `rules`, by number; 0 is none. Allows `flow` from epoch `born` until `died` (0xffffffff: not yet); of
 * layer 2 it names the ends alone. A connection keeps the number and the epoch in which it was made: one
 * older than `born` belongs to a former owner of the number. */
struct switch_rule {
    __u32 born;
    __u32 died;
    __u32 conduit; /* index in conduit_counters */
    __u32 bucket;  /* index in buckets; 0: not limited */
    __u16 mirror;  /* slot; 0: none */
    __u16 via;     /* slot of the guard through which its flows go; 0: straight to their receiver */
    struct switch_flow flow;
};

/* Hash `pairs`: a rule leads from the one to the other, or back, so `from` may resolve the addresses of `to`
 * (ARP, ND); each port and the router of its zone are
 * a pair too. Hash `passages`, of zones: frames may pass from the one to the other; the second check's own,
 * which knows no epochs: entries come before the flip that needs them and go a grace period after the one
 * that ended them. An entry is a yes; its value is a __u32, always 1. */
struct switch_pair {
    __u32 from;
    __u32 to;
};

/* Hash `arrivals`, the second check's own: who may be sent what over an interface. Everybody's address stands
 * here under the interface over which it is reached, and once more under ifindex 0. A router's `anyone` says
 * that addresses without such an entry are beyond it. For layer 2, MAC addresses of taps and hosts stand here
 * too (switch_mac_as_address), and for each tag of an interface who gets its groups
 * (switch_group_as_address), 0 among them for taps. */
struct switch_arrival_key {
    __u32 ifindex;
    struct switch_address address;
};
struct switch_arrival {
    __u32 slot;
    __u16 zone;
    __u16 vlan;
    __u8 mac[6];
    __u8 zero[2];
};
static inline struct switch_address switch_mac_as_address(const __u8* mac) {
    const __u8 bytes[16] = {0xff, 0xff, 0,      0,      0,      0,      0,      0,
                            0,    0,    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]};
    struct switch_address address;
    __builtin_memcpy(&address, bytes, sizeof address);
    return address;
}
static inline struct switch_address switch_group_as_address(__u16 vlan) {
    const struct switch_address address = {{0xffffffff, 0xffffffff, 0, vlan}};
    return address;
}

/* Hash `doors`, the second check's own, by ifindex: the zone that stands behind an interface (a wire has a
 * zone of its own, the hosts' zones are in `arrivals`); and of a tap its addresses, which are in `arrivals`
 * too, for there one would have to look for them. */
struct switch_door {
    __u32 slot;
    __u16 zone;
    __u8 kind;
    __u8 anyone;
    __u8 mac[6];
    __u8 zero[2];
    struct switch_address address;  /* IPv4; zero words: none, or no tap */
    struct switch_address address6; /* likewise */
};

/* Hash `layer2`: the declared peers of who sends one ethertype from this MAC address, over this interface,
 * under this tag. A peer counts while its rule holds: born <= epoch < died. */
struct switch_layer2_key {
    __u32 ifindex;
    __be16 ethertype;
    __u16 vlan;
    __u8 mac[6];
    __u8 zero[2];
};
struct switch_layer2 {
    __u32 from; /* slot */
    __u32 count;
    __u32 to[SWITCH_PEERS];
    __u32 rule[SWITCH_PEERS];
};

/* Array `zones`, by number: who gets the router's advertisements. */
struct switch_zone {
    __u32 router; /* slot */
    __u32 count;
    __u32 member[SWITCH_MEMBERS];
};

/* Hash `connections`, both ways under one key: the end for which switch_is_low() says so is `low`. */
struct switch_connection_key {
    struct switch_address low;
    struct switch_address high;
    __be16 low_port; /* ICMP echo: the identifier, in both */
    __be16 high_port;
    __u8 transport;
    __u8 zero[3];
};

/* Of the two ends of a flow: is `from` the low one? Any order would do that is the same for both ways. */
static inline int switch_is_low(const struct switch_address* from, __be16 from_port,
                                const struct switch_address* to, __be16 to_port) {
    if (from->word[3] != to->word[3]) return from->word[3] < to->word[3];
    if (from->word[2] != to->word[2]) return from->word[2] < to->word[2];
    if (from->word[1] != to->word[1]) return from->word[1] < to->word[1];
    if (from->word[0] != to->word[0]) return from->word[0] < to->word[0];
    return from_port < to_port;
}

enum switch_connection_state {
    switch_opening = 0,     /* seen one way */
    switch_established = 1, /* seen both ways */
    switch_closing = 2,     /* FIN of one side */
    switch_closed = 3,      /* FIN of both, or a reset */
};

/* A flow that goes through a guard is two connections: from who opens it to the guard, which answers in the
 * other's place, and from the guard, in the name of who opened it, to the other. */
enum switch_leg {
    switch_straight = 0,
    switch_to_guard = 1,
    switch_from_guard = 2,
};

/* One that was not `seen` for as long as its state lasts (switch_lasts) is not there any more, whoever finds
 * it: it is taken away by the next frame of its flow, by the programs' own sweep for room, or by the
 * daemon's. */
struct switch_connection {
    __u64 seen; /* last frame, bpf_ktime_get_ns */
    __u64 opened;
    __u64 packets[2]; /* 0: from who opened it, 1: to */
    __u64 bytes[2];
    __u32 from; /* slots, as in the policy */
    __u32 to;
    __u32 way[2];      /* slots of the interfaces over which who opened it, and the other, are reached */
    __u32 rule;        /* with `epoch` one word of 64 bits */
    __u32 epoch;       /* of the last look into the policy */
    __u32 expected[2]; /* TCP: the next sequence number that who opened it, and the other, expect */
    __u16 tenant;      /* whose quota it counts against: of `from` */
    __u8 low_opened;   /* who opened it */
    __u8 state;
    __u8 finished; /* TCP: bit 0 who opened it has sent a FIN, bit 1 the other */
    __u8 leg;      /* enum switch_leg */
    __u8 zero[2];
};

/* In nanoseconds. Established TCP as in Linux's own tracking (nf_conntrack_tcp_timeout_established). */
static inline __u64 switch_lasts(__u8 transport, __u8 state) {
    const __u64 second = 1000000000;
    if (transport == 6) {
        if (state == switch_established) return 5 * 24 * 3600 * second;
        return state == switch_opening ? 60 * second : 30 * second;
    }
    if (transport == 17) return state == switch_opening ? 30 * second : 180 * second;
    return 10 * second;
}

/* Array `tenants`, by number. How many connections are open is an array of its own, `usage` (__u32), which
 * the programs alone write: a new quota must not lose a count. */
struct switch_tenant {
    __u32 quota; /* connections; 0: the switch's default */
    __u32 zero;
};
#define SWITCH_QUOTA 8192

/* Array `buckets`: token buckets, by slot for ports, and SWITCH_PORTS + conduit index for conduits. */
struct switch_bucket {
    __u64 rate;  /* bytes per second; 0: not limited */
    __u64 burst; /* bytes */
    __u64 full;  /* bpf_ktime_get_ns at which it will be full again */
};

/* LRU hash `locals`: the link-local addresses from which the taps of a zone asked its router for something,
 * first come. Only its answers lean on it. */
struct switch_local_key {
    __u32 zone;
    struct switch_address address;
};
struct switch_local {
    __u32 slot;
    __u8 mac[6];
    __u8 zero[2];
};
#define SWITCH_LOCALS 4096

struct switch_port_counters {
    __u64 received;  /* frames that came from the port */
    __u64 delivered; /* frames that were handed to the port */
    __u64 dropped[switch_drop_count];
};

struct switch_conduit_counters {
    __u64 packets;
    __u64 bytes;
    __u64 connections; /* opened */
    __u64 dropped;     /* of its flows, for whatever reason */
};

/* LRU hash `denials`: who was refused what, for people. Only ever written; policy does not read it. */
struct switch_denial_key {
    __u32 from; /* slots; `to` 0: nobody known */
    __u32 to;
    __be16 port;
    __u8 transport;
    __u8 reason; /* enum switch_drop */
};
struct switch_denial {
    __u64 count;
    __u64 last; /* bpf_ktime_get_ns */
    struct switch_address to;
};

/* Array `explained`, one entry, written by the twin of the programs that explains (rodata `explaining`): what
 * it decided. */
struct switch_explained {
    __u32 verdict; /* 0: passes; 1 + enum switch_drop; 0x100: answered by the switch itself */
    __u32 from;
    __u32 to;
    __u32 rule;
    __u32 conduit;
    __u32 ifindex;
    __u32 state; /* 0: no connection before, 1 + enum switch_connection_state */
};

/* Records of what is meant to be; the programs never read them. They live here so that a daemon that starts
 * again learns from the kernel alone what its predecessor made. `text` is the port or rule as one line of
 * JSON (record.hpp). */
struct switch_port_record {
    char name[16]; /* empty: the slot is free */
    char text[1008];
};
struct switch_rule_record {
    __u32 from; /* slots */
    __u32 to;
    __u32 conduit; /* model::conduit_id */
    __u16 port;
    __u8 transport;
    __u8 zero;
    __u64 rate;
    __u32 mirror; /* slot */
    __u32 via;    /* likewise */
};

#endif
