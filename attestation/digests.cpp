// What quotes are made over. Every digest is over a label and fields, each with its length before it, so that
// no two meanings have the same bytes.
#include <algorithm>
#include <initializer_list>
#include <vector>

#include "attestation/verifier.hpp"
#include "attestation/wire/writer.hpp"
#include "crypto/digest.hpp"

namespace bulkhead::attestation {
namespace {

using attest::v1::Endorsement;
using attest::v1::Evidence;
using attest::v1::GuestEvidence;

std::string fields(std::initializer_list<std::string_view> list) {
    wire::Writer writer;
    for (const std::string_view field : list)
        writer.u32(static_cast<std::uint32_t>(field.size())).bytes(field);
    return writer.take();
}

std::string number(std::uint64_t value) {
    return wire::Writer().u64(value).take();
}

std::string leaf(const GuestEvidence& guest) {
    const std::string quote = crypto::sha256_raw(fields({guest.quote().attest(), guest.quote().signature()}));
    return crypto::sha256_raw(
        std::string(1, '\0') +
        fields({guest.uuid(), guest.partition(), number(guest.start_number()), guest.absent(), quote,
                guest.ak_public(), guest.ek_public(), endorsement_content(guest.endorsement()),
                guest.endorsement().signature()}));
}

// RFC 6962 clause 2.1: the left half is the largest power of two below the number of leaves.
std::string tree(const std::vector<std::string>& leaves, std::size_t first, std::size_t count) {
    if (count == 1) return leaves.at(first);
    std::size_t left = 1;
    while (left * 2 < count) left *= 2;
    return crypto::sha256_raw("\x01" + tree(leaves, first, left) + tree(leaves, first + left, count - left));
}

}  // namespace

std::string host_qualifying(std::string_view nonce, std::string_view gateway, std::string_view boot_id,
                            std::string_view root, std::string_view tls_public_key) {
    return crypto::sha256_raw(fields({"bulkhead host", nonce, gateway, boot_id, root, tls_public_key}));
}

std::string guest_qualifying(std::string_view nonce, std::string_view uuid, std::string_view host_ak_name,
                             std::uint64_t start_number) {
    return crypto::sha256_raw(fields({"bulkhead guest", nonce, uuid, host_ak_name, number(start_number)}));
}

std::string enrol_qualifying(std::string_view nonce, std::string_view tls_public_key) {
    return crypto::sha256_raw(fields({"bulkhead enrol", nonce, tls_public_key}));
}

std::string renew_qualifying(std::string_view nonce_or_serial, std::string_view tls_public_key) {
    return crypto::sha256_raw(fields({"bulkhead renew", nonce_or_serial, tls_public_key}));
}

std::string merkle_root(const Evidence& evidence) {
    std::vector<const GuestEvidence*> guests;
    for (const GuestEvidence& guest : evidence.guests()) guests.push_back(&guest);
    std::ranges::sort(guests, {},
                      [](const GuestEvidence* guest) -> const std::string& { return guest->uuid(); });
    if (guests.empty()) return crypto::sha256_raw("");
    std::vector<std::string> leaves;
    for (const GuestEvidence* guest : guests) leaves.push_back(leaf(*guest));
    return tree(leaves, 0, leaves.size());
}

std::string endorsement_content(const Endorsement& endorsement) {
    return fields({"bulkhead endorsement", endorsement.uuid(), endorsement.vek_name(),
                   number(endorsement.generation()), endorsement.host_ak_name()});
}

}  // namespace bulkhead::attestation
