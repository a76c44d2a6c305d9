/* Keys and values of the switch's maps: the one page on which its BPF programs and its C++ side agree.
 * A pinned map outlives the daemon, so a change here is a change of format: count SWITCH_FORMAT up. */
#ifndef BULKHEAD_VNET_BPF_LAYOUT_H
#define BULKHEAD_VNET_BPF_LAYOUT_H

#include <linux/types.h>

#define SWITCH_FORMAT 1
#define SWITCH_PORTS 1024 /* slot 0 counts for interfaces that are nobody's port */
#define SWITCH_RULES 131072
#define SWITCH_CONDUITS 16384
#define SWITCH_MTU 1500

/* Why a frame was dropped. Append only: the numbers are in pinned maps, the names in views and tests. */
#define SWITCH_DROPS(X)                                                                            \
    X(not_a_port)        /* the interface it came in from, or is to go out of, is nobody's port */ \
    X(runt)              /* shorter than the headers it starts */                                  \
    X(too_long)          /* a frame, or a segment of a super-frame, above the MTU */               \
    X(vlan)              /* 802.1Q, 802.1ad or priority tag on a port without VLANs */             \
    X(source_mac)        /* not the port's own MAC address; group addresses are never a source */  \
    X(ethertype)         /* outermost ethertype neither IPv4 nor ARP; LLC and SNAP too */          \
    X(group_destination) /* broadcast or multicast, but for an ARP request */                      \
    X(source_address)    /* IPv4 source is not the port's own address */                           \
    X(malformed)         /* version, header length or a length field contradicts the frame */      \
    X(options)           /* IPv4 options */                                                        \
    X(fragment)          /* IPv4 fragment */                                                       \
    X(arp_sender)        /* sender in the ARP message is not the frame's or the port's */          \
    X(arp_operation)     /* neither request nor reply */                                           \
    X(no_conduit)        /* no conduit to that address in either direction */                      \
    X(service)           /* a conduit to that address, but not for this protocol and port */       \
    X(direction)         /* a new TCP connection against the conduit's direction */                \
    X(destination_mac)   /* not the MAC address of the port that has the destination address */    \
    X(peer_gone)         /* the destination's port is not there at the moment */                   \
    X(from_host)         /* the host itself sent it into a port */                                 \
    X(second_check)      /* what arrived at a port is not for it: a defect or tampering */

enum switch_drop {
#define SWITCH_DROP_ENUM(name) switch_drop_##name,
    SWITCH_DROPS(SWITCH_DROP_ENUM)
#undef SWITCH_DROP_ENUM
        switch_drop_count
};

/* Who may send what from an interface (map `sources`), and what may arrive at one (map `guests`). Two maps
 * with the same content, so that the second check does not lean on what the first one read. */
struct switch_port {
    __u32 slot;
    __be32 address;
    __u8 mac[6];
    __u8 zero[2];
};

/* Where a port is (array `targets`, by slot). ifindex 0: it is not there. */
struct switch_target {
    __u32 ifindex;
    __u8 mac[6];
    __u8 zero[2];
};

enum switch_kind {
    switch_arp = 0,     /* the two may resolve each other; transport and port are 0 */
    switch_request = 1, /* port is the frame's destination port */
    switch_reply = 2,   /* port is the frame's source port */
};

/* Exact match, constant cost (map `policy`). */
struct switch_flow {
    __u32 from; /* slot of the port that sends the frame */
    __be32 to;  /* destination address of the frame */
    __be16 port;
    __u8 transport; /* IANA protocol number */
    __u8 kind;
};

struct switch_verdict {
    __u32 to;      /* slot */
    __u32 counter; /* index in conduit_counters */
};

struct switch_port_counters {
    __u64 received;  /* frames that the partition sent */
    __u64 delivered; /* frames that were handed to the partition */
    __u64 dropped[switch_drop_count];
};

struct switch_conduit_counters {
    __u64 packets;
    __u64 bytes;
};

/* Records of what is meant to be; the programs never read them. They live here so that a daemon that starts
 * again learns from the kernel alone what its predecessor made. */
struct switch_port_record {
    char name[16]; /* empty: the slot is free */
    char partition[64];
    char zone[64];
    __u32 index;
    __be32 address;
    __u8 mac[6];
    __u8 zero[2];
};

struct switch_rule_record {
    __u32 from; /* slots */
    __u32 to;
    __u32 conduit; /* model::conduit_id */
    __be16 port;
    __u8 transport;
    __u8 zero;
};

#endif
