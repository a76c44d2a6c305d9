#include "partition-manager/lifecycle/agent_session.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/unix_socket.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::lifecycle {
namespace {

using std::chrono::milliseconds;

// An honest guest sends a heartbeat of 200 bytes a second and some lines. The burst lets a boot's log through.
constexpr double bytes_per_second = 128.0 * 1024;
constexpr double bytes_burst = 256.0 * 1024;
constexpr double frames_per_second = 100;
constexpr double frames_burst = 400;
constexpr milliseconds pause_when_flooded{250};
constexpr milliseconds first_retry{200};
constexpr milliseconds longest_retry{2000};
constexpr milliseconds silence{3 * AgentSession::heartbeat_interval};
constexpr std::size_t violation_names = 32;

// The same for the same content: maps come in the order of their keys.
std::string stable_text(const agent::v1::FromHost& message) {
    std::string text;
    {
        google::protobuf::io::StringOutputStream stream(&text);
        google::protobuf::io::CodedOutputStream coded(&stream);
        coded.SetSerializationDeterministic(true);
        message.SerializeToCodedStream(&coded);
    }
    return text;
}

std::uint32_t random_session() {
    std::uint32_t value = 0;
    // Sixteen bytes or fewer are never cut short (getrandom(2)); 0 is no session.
    while (value == 0 && ::getrandom(&value, sizeof value, 0) < 0) {}
    return value == 0 ? 1 : value;
}

}  // namespace

AgentSession::AgentSession(Loop& loop, const Clock& clock, std::filesystem::path socket, Listener listener)
    : loop_(loop),
      clock_(clock),
      path_(std::move(socket)),
      listener_(std::move(listener)),
      bytes_(bytes_per_second, bytes_burst, clock.monotonic()),
      frames_(frames_per_second, frames_burst, clock.monotonic()),
      retry_delay_(first_retry) {
    silence_timer_ = loop_.every(AgentSession::heartbeat_interval, [this] { check_silence(); });
    connect();
}

AgentSession::~AgentSession() {
    loop_.cancel(silence_timer_);
    loop_.cancel(retry_timer_);
    disconnect();
}

void AgentSession::connect() {
    auto socket = connect_unix(path_);
    if (!socket) return retry();
    socket_ = std::move(*socket);
    reader_ = FrameReader();
    if (!loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t events) { on_events(events); })) {
        socket_.reset();
        return retry();
    }
    state_.connected = true;
    retry_delay_ = first_retry;
    welcome();
}

void AgentSession::disconnect() {
    loop_.cancel(resume_timer_);
    if (socket_) loop_.unwatch(socket_.get());
    socket_.reset();
    state_.connected = false;
    greeted_ = false;
}

void AgentSession::retry() {
    retry_timer_ = loop_.after(retry_delay_, [this] { connect(); });
    retry_delay_ = std::min(retry_delay_ * 2, longest_retry);
}

void AgentSession::welcome() {
    session_ = random_session();
    greeted_ = false;
    welcomed_at_ = clock_.monotonic();
    agent::v1::FromHost message;
    message.mutable_welcome()->set_heartbeat_interval_ms(static_cast<std::uint32_t>(heartbeat_interval.count()));
    send(message);
}

void AgentSession::check_silence() {
    if (!socket_) return;
    const auto now = clock_.monotonic();
    const auto last = greeted_ ? std::max(state_.heard, welcomed_at_) : welcomed_at_;
    if (now - last < silence) return;
    // QEMU does not read while the guest has not opened the port: one welcome waits there already.
    int unread = 0;
    if (::ioctl(socket_.get(), SIOCOUTQ, &unread) == 0 && unread > 0) return;
    welcome();
}

void AgentSession::on_events(std::uint32_t events) {
    if ((events & EPOLLIN) != 0) return read_some();
    disconnect();
    retry();
}

void AgentSession::read_some() {
    std::array<std::byte, 8192> chunk;  // NOLINT(cppcoreguidelines-pro-type-member-init): read fills it
    const ssize_t got = ::read(socket_.get(), chunk.data(), chunk.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        disconnect();
        return retry();
    }
    const auto size = static_cast<std::size_t>(got);
    reader_.feed(std::span(chunk).first(size));
    const auto before = reader_.counters();
    while (auto frame = reader_.next()) take(*frame);
    state_.rejected += reader_.counters().bad_checksum - before.bad_checksum + reader_.counters().bad_length -
                       before.bad_length;
    if (!bytes_.take(static_cast<double>(size), clock_.monotonic())) pause();
}

// A flooding guest is not read for a while: its port backs up in QEMU, and then in the guest itself.
void AgentSession::pause() {
    if (!loop_.rewatch(socket_.get(), 0)) return;
    resume_timer_ = loop_.after(pause_when_flooded, [this] {
        if (!loop_.rewatch(socket_.get(), EPOLLIN)) disconnect();
    });
}

void AgentSession::take(const Frame& frame) {
    const auto reject = [this] { ++state_.rejected; };
    if (frame.session != session_ || !frames_.take(1, clock_.monotonic())) return reject();
    auto message = read_agent_message(frame.payload);
    if (!message) return reject();
    if (!greeted_ && !std::holds_alternative<AgentHello>(*message)) return reject();
    ++state_.frames;
    state_.heard = clock_.monotonic();
    std::visit([this](auto& content) { apply(std::move(content)); }, *message);
}

void AgentSession::apply(AgentHello hello) {
    greeted_ = true;
    state_.hello = std::move(hello);
    listener_.hello(*state_.hello);
    send_configuration();
}

void AgentSession::apply(Heartbeat beat) { state_.heartbeat = std::move(beat); }

void AgentSession::apply(const OutputMessage& output) {
    (output.reading ? state_.reading : state_.last_line) = output.text;
    listener_.output(output);
}

void AgentSession::apply(const ViolationMessage& violation) {
    if (state_.violations.size() >= violation_names && !state_.violations.contains(violation.syscall)) return;
    const bool first = !state_.violations.contains(violation.syscall);
    state_.violations[violation.syscall] += violation.count;
    if (first) listener_.violation(violation);
}

void AgentSession::apply(const ConfiguredMessage& configured) {
    if (configured.revision != revision_) return;
    state_.configured = true;
    state_.configure_error = configured.error;
}

bool AgentSession::send(const agent::v1::FromHost& message) {
    if (!socket_) return false;
    const std::string frame = encode_frame(session_, message.SerializeAsString());
    // All or nothing in practice: the socket's buffer is far larger than a frame, and a guest that does not read has it
    // full. A cut frame is skipped by the reader at the other end.
    return ::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(frame.size());
}

void AgentSession::configure(const agent::v1::Configure& configuration) {
    agent::v1::FromHost message;
    *message.mutable_configure() = configuration;
    message.mutable_configure()->set_revision(0);
    const std::string wanted = stable_text(message);
    if (wanted == configuration_) return;
    configuration_ = wanted;
    ++revision_;
    state_.configured = false;
    state_.configure_error.clear();
    if (greeted_) send_configuration();
}

void AgentSession::send_configuration() {
    agent::v1::FromHost message;
    if (configuration_.empty() || !message.ParseFromString(configuration_)) return;
    message.mutable_configure()->set_revision(revision_);
    send(message);
}

bool AgentSession::shutdown(milliseconds grace) {
    if (!greeted_) return false;
    agent::v1::FromHost message;
    message.mutable_shutdown()->set_grace_ms(static_cast<std::uint32_t>(grace.count()));
    return send(message);
}

void AgentSession::device_returned(const std::string& device) {
    if (!greeted_) return;
    agent::v1::FromHost message;
    message.mutable_device_returned()->set_name(device);
    send(message);
}

}  // namespace bulkhead::lifecycle
