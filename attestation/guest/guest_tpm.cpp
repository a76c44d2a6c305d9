#include "attestation/guest/guest_tpm.hpp"

#include <fcntl.h>

#include <cerrno>

#include "attestation/guest/command.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/pcr_selection.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/reader.hpp"
#include "attestation/wire/writer.hpp"

namespace bulkhead::attestation {
namespace {

using guest::Command;
using guest::password_session;
using guest::run;
using wire::Reader;
using wire::Writer;

// TPM_CC, Part 2 clause 6.5.2.
constexpr std::uint32_t cc_create_primary = 0x131;
constexpr std::uint32_t cc_activate_credential = 0x147;
constexpr std::uint32_t cc_policy_secret = 0x151;
constexpr std::uint32_t cc_quote = 0x158;
constexpr std::uint32_t cc_flush_context = 0x165;
constexpr std::uint32_t cc_start_auth_session = 0x176;
constexpr std::uint32_t cc_pcr_read = 0x17e;
// TPM_RH, clause 7.4.
constexpr std::uint32_t rh_null = 0x40000007;
constexpr std::uint32_t rh_endorsement = 0x4000000b;
constexpr std::uint8_t policy_session = 1;  // TPM_SE_POLICY, clause 6.11
constexpr std::size_t nonce_size = 16;
constexpr std::size_t buffer_limit = 1024;
constexpr int quote_tries = 8;

void flush(int fd, std::uint32_t handle) {
    // Nothing can be done if it fails: the kernel flushes what is left when the device is closed.
    static_cast<void>(run(fd, {.what = "flush", .code = cc_flush_context, .handles = {handle}}));
}

class Flushed {
  public:
    Flushed(int fd, std::uint32_t handle) : fd_(fd), handle_(handle) {}
    Flushed(const Flushed&) = delete;
    Flushed& operator=(const Flushed&) = delete;
    ~Flushed() { flush(fd_, handle_); }

  private:
    int fd_;
    std::uint32_t handle_;
};

struct Key {
    std::uint32_t handle = 0;
    std::string public_area;
};

Result<Key> make_primary(int fd, const std::string& public_template) {
    Writer parameters;
    parameters.sized(std::string(4, '\0')).sized(public_template).u16(0).u32(0);  // no secret, no PCR
    BULKHEAD_TRY_ASSIGN(const auto response, run(fd, {.what = "make a key",
                                                      .code = cc_create_primary,
                                                      .handles = {rh_endorsement},
                                                      .sessions = {password_session},
                                                      .parameters = parameters.take(),
                                                      .gives_handle = true}));
    Reader reader(response.parameters);
    Key key{.handle = response.handle, .public_area = std::string(reader.sized(buffer_limit))};
    if (reader.failed()) return fail(Code::corrupt, "the TPM made a key and did not say which");
    return key;
}

Result<std::uint32_t> start_policy(int fd) {
    // The nonce serves sessions with an HMAC, which this one has not.
    Writer parameters;
    parameters.sized(std::string(nonce_size, '\0'))
        .u16(0)
        .u8(policy_session)
        .u16(wire::alg_null)
        .u16(wire::alg_sha256);
    BULKHEAD_TRY_ASSIGN(const auto response, run(fd, {.what = "start a session",
                                                      .code = cc_start_auth_session,
                                                      .handles = {rh_null, rh_null},
                                                      .parameters = parameters.take(),
                                                      .gives_handle = true}));
    return response.handle;
}

Result<> check_sized(std::string_view bytes, const char* what) {
    Reader reader(bytes);
    reader.sized(buffer_limit);
    return reader.end(what);
}

}  // namespace

Result<std::unique_ptr<GuestTpm>> GuestTpm::open(const std::filesystem::path& device) {
    Fd fd(::open(device.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
        return fail(Code::unavailable, "this machine has no TPM", device);
    if (!fd) return fail_errno("can't open the TPM", device);
    return open(std::move(fd));
}

Result<std::unique_ptr<GuestTpm>> GuestTpm::open(Fd tpm) {
    std::unique_ptr<GuestTpm> opened(new GuestTpm(std::move(tpm)));
    BULKHEAD_TRY(opened->make_keys());
    return opened;
}

GuestTpm::~GuestTpm() {
    if (ak_ != 0) flush(tpm_.get(), ak_);
}

Result<> GuestTpm::make_keys() {
    BULKHEAD_TRY_ASSIGN(const Key ek, make_primary(tpm_.get(), wire::ek_template()));
    flush(tpm_.get(), ek.handle);
    ek_public_ = ek.public_area;
    BULKHEAD_TRY_ASSIGN(const Key ak, make_primary(tpm_.get(), wire::ak_template()));
    ak_ = ak.handle;
    ak_public_ = ak.public_area;
    return {};
}

Result<std::string> GuestTpm::read_pcr(unsigned pcr) {
    BULKHEAD_TRY_ASSIGN(const auto response, run(tpm_.get(), {.what = "read a PCR",
                                                              .code = cc_pcr_read,
                                                              .handles = {},
                                                              .sessions = {},
                                                              .parameters = wire::encode_selection({pcr})}));
    Reader reader(response.parameters);
    reader.u32();  // update counter
    wire::read_selections(reader);
    const std::uint32_t count = reader.u32();
    const std::string_view value = reader.sized(wire::sha256_size);
    if (reader.failed() || count != 1 || value.size() != wire::sha256_size)
        return fail(Code::unsupported, "the TPM has no PCR " + std::to_string(pcr) + " in a SHA-256 bank");
    return std::string(value);
}

Result<Quote> GuestTpm::quote(std::string_view qualifying, const std::vector<unsigned>& pcrs) {
    if (qualifying.size() != wire::sha256_size)
        return fail(Code::invalid, "a quote is made over 32 bytes, not " + std::to_string(qualifying.size()));
    Writer parameters;
    parameters.sized(qualifying).u16(wire::alg_null).bytes(wire::encode_selection(pcrs));
    const Command command{.what = "quote",
                          .code = cc_quote,
                          .handles = {ak_},
                          .sessions = {password_session},
                          .parameters = parameters.take()};
    // The values are read before and after: what did not change in between is what was quoted.
    for (int i = 0; i < quote_tries; ++i) {
        Quote quote;
        for (const unsigned pcr : pcrs) {
            BULKHEAD_TRY_ASSIGN(quote.pcrs[pcr], read_pcr(pcr));
        }
        BULKHEAD_TRY_ASSIGN(const auto response, run(tpm_.get(), command));
        Reader reader(response.parameters);
        quote.attest = reader.sized(buffer_limit);
        quote.signature = reader.rest();
        if (reader.failed()) return fail(Code::corrupt, "the TPM's quote is cut off");
        bool same = true;
        for (const auto& [index, value] : quote.pcrs) {
            BULKHEAD_TRY_ASSIGN(const std::string now, read_pcr(index));
            same = same && now == value;
        }
        if (same) return quote;
    }
    return fail(Code::conflict, "PCRs changed during each of " + std::to_string(quote_tries) + " quotes");
}

Result<std::string> GuestTpm::activate(std::string_view credential, std::string_view secret) {
    BULKHEAD_TRY(check_sized(credential, "TPM2B_ID_OBJECT"));
    BULKHEAD_TRY(check_sized(secret, "TPM2B_ENCRYPTED_SECRET"));
    BULKHEAD_TRY_ASSIGN(const Key ek, make_primary(tpm_.get(), wire::ek_template()));
    const Flushed ek_flushed(tpm_.get(), ek.handle);
    BULKHEAD_TRY_ASSIGN(const std::uint32_t session, start_policy(tpm_.get()));
    const Flushed session_flushed(tpm_.get(), session);
    Writer policy;
    policy.u16(0).u16(0).u16(0).u32(0);  // any nonce, command and reference; no expiry
    BULKHEAD_TRY(run(tpm_.get(), {.what = "satisfy its endorsement key's policy",
                                  .code = cc_policy_secret,
                                  .handles = {rh_endorsement, session},
                                  .sessions = {password_session},
                                  .parameters = policy.take()}));
    BULKHEAD_TRY_ASSIGN(
        const auto response,
        run(tpm_.get(), {.what = "activate the credential, made for another key or another TPM",
                         .code = cc_activate_credential,
                         .handles = {ak_, ek.handle},
                         .sessions = {password_session, session},
                         .parameters = std::string(credential) + std::string(secret)}));
    Reader reader(response.parameters);
    std::string activated(reader.sized(buffer_limit));
    BULKHEAD_TRY(reader.end("TPM2B_DIGEST"));
    return activated;
}

}  // namespace bulkhead::attestation
