#include "attestation/guest/command.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "attestation/wire/reader.hpp"
#include "attestation/wire/writer.hpp"

namespace bulkhead::attestation::guest {
namespace {

constexpr std::uint16_t st_no_sessions = 0x8001;
constexpr std::uint16_t st_sessions = 0x8002;
constexpr std::uint8_t continue_session = 1;
constexpr std::size_t header_size = 10;
constexpr std::size_t response_limit = 4096;

std::string encoded(const Command& command) {
    wire::Writer body;
    for (const std::uint32_t handle : command.handles) body.u32(handle);
    if (!command.sessions.empty()) {
        wire::Writer area;  // TPMS_AUTH_COMMAND: handle, no nonce, attributes, no HMAC
        for (const std::uint32_t session : command.sessions)
            area.u32(session).u16(0).u8(continue_session).u16(0);
        body.u32(static_cast<std::uint32_t>(area.text().size())).bytes(area.text());
    }
    body.bytes(command.parameters);
    return wire::Writer()
        .u16(command.sessions.empty() ? st_no_sessions : st_sessions)
        .u32(static_cast<std::uint32_t>(header_size + body.text().size()))
        .u32(command.code)
        .bytes(body.text())
        .take();
}

// A command must reach the TPM's device in one write.
Result<> send(int fd, const std::string& bytes) {
    ssize_t written = 0;
    do written = ::write(fd, bytes.data(), bytes.size());
    while (written < 0 && errno == EINTR);
    if (written < 0) return fail_errno("can't write to the TPM");
    if (static_cast<std::size_t>(written) != bytes.size())
        return fail(Code::io, "the TPM took half a command");
    return {};
}

Result<std::string> receive(int fd) {
    std::string bytes;
    std::size_t wanted = header_size;
    while (bytes.size() < wanted) {
        pollfd event{.fd = fd, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&event, 1, patience_ms);
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return fail(Code::timeout, "the TPM does not answer");
        std::array<char, response_limit> chunk{};
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return fail_errno("can't read from the TPM");
        if (got == 0) return fail(Code::unavailable, "the TPM went away");
        bytes.append(chunk.data(), static_cast<std::size_t>(got));
        if (bytes.size() < header_size) continue;
        wire::Reader header(bytes);
        header.u16();
        wanted = header.u32();
        if (wanted < header_size || wanted > response_limit || bytes.size() > wanted)
            return fail(Code::corrupt, "the TPM answers with " + std::to_string(bytes.size()) +
                                           " bytes and says that they are " + std::to_string(wanted));
    }
    return bytes;
}

std::string hexadecimal(std::uint32_t number) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (unsigned shift = 32; shift > 0; shift -= 4) text += digits[number >> (shift - 4) & 15U];
    return text;
}

}  // namespace

Result<Response> run(int fd, const Command& command) {
    BULKHEAD_TRY(send(fd, encoded(command)));
    BULKHEAD_TRY_ASSIGN(const std::string bytes, receive(fd));
    wire::Reader reader(bytes);
    const std::uint16_t tag = reader.u16();
    reader.u32();
    if (const std::uint32_t code = reader.u32(); code != 0)
        return fail(Code::refused, std::string("the TPM can't ") + command.what + ": response code " +
                                       hexadecimal(code) + " (TPM 2.0 Part 2, clause 6.6)");
    Response response;
    if (command.gives_handle) response.handle = reader.u32();
    if (tag == st_sessions) {
        const std::size_t size = reader.u32();
        response.parameters = reader.bytes(size);
    } else {
        response.parameters = reader.rest();
    }
    if (reader.failed())
        return fail(Code::corrupt, std::string("the TPM's answer to ") + command.what + " is cut off");
    return response;
}

}  // namespace bulkhead::attestation::guest
