// A guest may leave the checksum of a frame to whoever sends the frame on, and say where it is to be written
// (VIRTIO 1.2, 5.1.6.2: csum_start, csum_offset). The kernel holds that against the frame's length alone, and
// writes when both checks are behind the frame: over an address or a port, if it is let. Programs can't read
// the two fields, so they are found by what helpers do.
#ifndef BULKHEAD_VNET_BPF_OFFLOAD_H
#define BULKHEAD_VNET_BPF_OFFLOAD_H

#include <stddef.h>

#include <bpf/bpf_helpers.h>

#include "packet.h"

#define REFUSED (-22)  // EINVAL

// A checksum that is left to do is no one's to correct, so the helper that does so leaves the field alone.
// The destination's MAC address serves as the field, and gets its bytes back.
static __always_inline int leaves_checksum(struct __sk_buff* skb, const struct packet* packet) {
    const __u16 known = *(const __u16*)packet->destination_mac;
    if (bpf_l4_csum_replace(skb, 0, 0, 1, sizeof known) != 0) return 1;
    __u16* field = (void*)(long)skb->data;
    if ((void*)(field + 1) > (void*)(long)skb->data_end) return 1;
    if (*field == known) return 1;
    *field = known;
    return 0;
}

// Where the checksum of TCP (RFC 9293) and UDP (RFC 768) ends; 0: it is neither, and no guest leaves those.
static __always_inline __u32 end_of_checksum(const struct packet* packet) {
    if (packet->kind != packet_flow && packet->kind != packet_dhcp) return 0;
    if (packet->transport == IPPROTO_TCP) return packet->start + offsetof(struct tcphdr, check) + 2;
    if (packet->transport == IPPROTO_UDP) return packet->start + offsetof(struct udphdr, check) + 2;
    return 0;
}

// No frame may be cut before the end of a checksum that is left to do. One that can be cut before the end of
// its own has it elsewhere, before anything but payload; and is cut, so it must be dropped.
VERIFIED_ONCE int writes_elsewhere(struct __sk_buff* skb, const struct packet* packet) {
    if (!packet) return 1;
    if (!leaves_checksum(skb, packet)) return 0;
    const __u32 end = end_of_checksum(packet);
    return end == 0 || bpf_skb_change_tail(skb, end - 1, 0) != REFUSED;
}

// A super-frame must be left to be cut as what it is: TCP into segments, UDP into datagrams. The old way of
// UDP (VIRTIO_NET_HDR_GSO_UDP) cuts it into fragments, which nobody may send here. Which it is to be shows in
// who may make room in it: anybody in TCP's, in datagrams who keeps their size, in the others nobody. No room
// is made.
static __always_inline int is_cut_amiss(struct __sk_buff* skb, const struct packet* packet) {
    if (skb->gso_size == 0) return 0;
    const __u64 quietly = BPF_F_ADJ_ROOM_NO_CSUM_RESET;
    const int as_tcp = bpf_skb_adjust_room(skb, 0, BPF_ADJ_ROOM_MAC, quietly) == 0;
    if (packet->transport == IPPROTO_TCP) return !as_tcp;
    return as_tcp || bpf_skb_adjust_room(skb, 0, BPF_ADJ_ROOM_MAC, quietly | BPF_F_ADJ_ROOM_FIXED_GSO) != 0;
}

#endif
