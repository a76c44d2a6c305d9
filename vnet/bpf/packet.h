// What is read from a frame, once; and the headers that it is read from.
#ifndef BULKHEAD_VNET_BPF_PACKET_H
#define BULKHEAD_VNET_BPF_PACKET_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>

#include "layout.h"

#define PASSES (-1)  // where an enum switch_drop would say why not

// A function that the kernel verifies once, by its arguments' types alone, and not again for each caller: it
// must ask itself whether its pointers are there.
#define VERIFIED_ONCE __attribute__((noinline))

enum packet_kind {
    packet_flow,       // TCP, UDP, ICMP echo
    packet_other,      // IP that no rule can speak of
    packet_arp,        //
    packet_neighbour,  // ND: solicitation and advertisement
    packet_router,     // ND: a router's advertisement, and the request for one
    packet_dhcp,       // either version
    packet_error,      // ICMP about another packet
    packet_layer2,     // an industrial protocol on Ethernet itself
};

struct packet {
    struct switch_address from;
    struct switch_address to;
    __be16 from_port;  // ICMP echo: the identifier for who asks, 0 for who answers
    __be16 to_port;
    __u32 sequence;  // TCP
    __u32 acknowledged;
    __be16 ethertype;
    __u16 tag;       // 802.1Q; 0: none
    __u16 start;     // of what follows the IP header
    __u16 headers;   // up to the payload of TCP or UDP
    __u8 kind;       // enum packet_kind
    __u8 transport;  // as in struct switch_flow
    __u8 flags;      // TCP's, the 14th byte of its header
    __u8 type;       // of ICMP
    __u8 opens;      // may begin a flow
    __u8 hop_limit;
    __u8 source_mac[ETH_ALEN];
    __u8 destination_mac[ETH_ALEN];
};

#define TWO_TAGS 0xffff  // as `tag`: more than one

#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16

// RFC 826 for Ethernet and IPv4. (linux/if_arp.h and linux/icmp.h lean on the C library's headers.)
#define ARP_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2
struct arp_message {
    __be16 hardware;
    __be16 protocol;
    __u8 hardware_length;
    __u8 protocol_length;
    __be16 operation;
    __u8 sender_mac[ETH_ALEN];
    __be32 sender_address;
    __u8 target_mac[ETH_ALEN];
    __be32 target_address;
} __attribute__((packed));

// RFC 792 and RFC 4443.
struct icmp_header {
    __u8 type;
    __u8 code;
    __sum16 checksum;
    __be16 id;
    __be16 sequence;
};
#define ICMP_ECHO_REPLY 0
#define ICMP_UNREACHABLE 3
#define ICMP_ECHO 8
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETER 12
#define ICMP6_UNREACHABLE 1
#define ICMP6_PARAMETER 4  // packet too big and time exceeded lie between
#define ICMP6_ECHO 128
#define ICMP6_ECHO_REPLY 129
// RFC 4861.
#define ND_ROUTER_SOLICITATION 133
#define ND_ROUTER_ADVERTISEMENT 134
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136
#define ND_ROUTER 0x80000000U
#define ND_SOLICITED 0x40000000U
#define ND_OVERRIDE 0x20000000U
#define ND_REDIRECT 137
#define ND_HOP_LIMIT 255

#define DHCP_SERVER 67
#define DHCP_CLIENT 68
#define DHCP6_CLIENT 546
#define DHCP6_SERVER 547

#define ETHERTYPE_PROFINET 0x8892
#define ETHERTYPE_GOOSE 0x88b8
#define ETHERTYPE_ETHERCAT 0x88a4

static __always_inline int same_mac(const __u8* a, const __u8* b) {
    const __u16* x = (const __u16*)a;
    const __u16* y = (const __u16*)b;
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2])) == 0;
}

static __always_inline __u64 mac_number(const __u8* mac) {
    const __u16* part = (const __u16*)mac;
    return (__u64)part[0] << 32 | (__u32)part[1] << 16 | part[2];
}

static __always_inline int no_mac(const __u8* mac) {
    const __u16* part = (const __u16*)mac;
    return (part[0] | part[1] | part[2]) == 0;
}

static __always_inline int is_group(const __u8* mac) {
    return mac[0] & 1;
}

static __always_inline int is_broadcast(const __u8* mac) {
    const __u16* part = (const __u16*)mac;
    return (part[0] & part[1] & part[2]) == 0xffff;
}

static __always_inline int same_address(const struct switch_address* a, const struct switch_address* b) {
    return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) | (a->word[2] ^ b->word[2]) |
            (a->word[3] ^ b->word[3])) == 0;
}

static __always_inline int no_address(const struct switch_address* address) {
    return (address->word[0] | address->word[1] | address->word[2] | address->word[3]) == 0;
}

static __always_inline void map_ipv4(struct switch_address* address, __be32 ipv4) {
    address->word[0] = 0;
    address->word[1] = 0;
    address->word[2] = bpf_htonl(0xffff);
    address->word[3] = ipv4;
}

static __always_inline int is_ipv4(const struct switch_address* address) {
    return address->word[2] == bpf_htonl(0xffff) && (address->word[0] | address->word[1]) == 0;
}

// fe80::/10, RFC 4291, 2.5.6.
static __always_inline int is_link_local(const struct switch_address* address) {
    return (address->word[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000);
}

#endif
