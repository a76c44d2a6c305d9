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

namespace bulkhead::lifecycle {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_back_off = 100ms;
constexpr std::chrono::milliseconds longest_back_off = 2s;
// No valid frame for this long: forget half frames and say Welcome again (the agent may have been restarted).
constexpr auto word_deadline = 3s;
constexpr std::chrono::milliseconds deadline_check = 1s;

// Beyond the debt, so that a guest that never stops is read in few large pieces.
constexpr std::chrono::milliseconds rest = 100ms;
constexpr std::chrono::milliseconds longest_pause = 60s;

constexpr std::size_t unsent_limit = 256 * 1024;
constexpr std::size_t violation_names = 64;

std::uint32_t random_session() {
    std::uint32_t number = 0;
    while (number == 0)
        if (::getrandom(&number, sizeof number, 0) < 0) break;
    return number;
}

// The same text for equal messages; maps have no order of their own.
std::string canonical(const agent::v1::Configure& message) {
    std::string text;
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
    coded.Trim();
    return text;
}

}  // namespace

AgentSession::AgentSession(Loop& loop, const Clock& clock, model::PartitionName partition,
                           std::filesystem::path socket, AgentCallbacks callbacks)
    : loop_(loop),
      clock_(clock),
      partition_(std::move(partition)),
      path_(std::move(socket)),
      callbacks_(std::move(callbacks)),
      back_off_(first_back_off) {
    deadline_timer_ = loop_.every(deadline_check, [this] { check_deadline(); });
    connect_timer_ = loop_.after(0ms, [this] { connect(); });
}

AgentSession::~AgentSession() {
    close();
}

void AgentSession::close() {
    closed_ = true;
    for (const Loop::TimerId timer : {connect_timer_, pause_timer_, deadline_timer_}) loop_.cancel(timer);
    if (watched_) loop_.unwatch(socket_.get());
    watched_ = false;
    socket_.reset();
    state_.connected = false;
}

void AgentSession::connect() {
    auto connected = connect_unix(path_);
    if (!connected) {
        connect_timer_ = loop_.after(back_off_, [this] { connect(); });
        back_off_ = std::min(back_off_ * 2, longest_back_off);
        return;
    }
    socket_ = std::move(*connected);
    ++state_.counters.connections;
    state_.connected = true;
    state_.hello.reset();
    reader_ = FrameReader{};
    sending_.clear();
    session_ = random_session();
    heard_ = clock_.monotonic();
    welcome();
    arm();
    callbacks_.changed();
}

void AgentSession::disconnect() {
    if (watched_) loop_.unwatch(socket_.get());
    watched_ = false;
    loop_.cancel(pause_timer_);
    socket_.reset();
    state_.connected = false;
    state_.hello.reset();
    connect_timer_ = loop_.after(back_off_, [this] { connect(); });
    back_off_ = std::min(back_off_ * 2, longest_back_off);
    callbacks_.changed();
}

void AgentSession::arm() {
    const std::uint32_t events = EPOLLIN | (sending_.empty() ? 0U : EPOLLOUT);
    if (watched_) {
        if (!loop_.rewatch(socket_.get(), events)) disconnect();
        return;
    }
    watched_ =
        loop_.watch(socket_.get(), events, [this](std::uint32_t ready) { on_ready(ready); }).has_value();
    if (!watched_) disconnect();
}

// The guest waits, not we: while nothing is watched, a flood costs nothing.
void AgentSession::pause(std::chrono::milliseconds time) {
    ++state_.counters.pauses;
    loop_.unwatch(socket_.get());
    watched_ = false;
    pause_timer_ = loop_.after(time, [this] { arm(); });
}

void AgentSession::on_ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) write_some();
    if (socket_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_some();
}

void AgentSession::read_some() {
    std::array<std::byte, read_size> chunk;
    const ssize_t count = ::read(socket_.get(), chunk.data(), chunk.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return disconnect();
    state_.counters.bytes += static_cast<std::uint64_t>(count);
    ++state_.counters.reads;

    const auto skipped = reader_.counters().skipped_bytes;
    reader_.feed(std::span(chunk).first(static_cast<std::size_t>(count)));
    const std::size_t taken = take_frames();
    state_.counters.refused_bytes += reader_.counters().skipped_bytes - skipped;
    const MonotonicTime now = clock_.monotonic();
    bytes_.spend(static_cast<double>(count), now);
    frames_.spend(static_cast<double>(taken), now);
    reads_.spend(1, now);
    const auto debt = std::max({bytes_.debt(), frames_.debt(), reads_.debt()});
    if (socket_ && !closed_ && debt > 0ms) pause(rest + std::min(debt, longest_pause));
}

std::size_t AgentSession::take_frames() {
    std::size_t count = 0;
    while (socket_ && !closed_) {
        const auto frame = reader_.next();
        if (!frame) break;
        ++count;
        take(*frame);
    }
    return count;
}

void AgentSession::take(const Frame& frame) {
    if (frame.session != session_) {
        ++state_.counters.stale_frames;
        return;
    }
    auto message = decode_agent_message(frame.payload);
    if (!message) {
        ++state_.counters.refused_frames;
        return;
    }
    ++state_.counters.frames;
    heard_ = clock_.monotonic();
    back_off_ = first_back_off;
    if (auto* const hello = std::get_if<AgentHello>(&*message)) on_hello(std::move(*hello));
    if (auto* const beat = std::get_if<AgentHeartbeat>(&*message)) on_heartbeat(std::move(*beat));
    if (auto* const line = std::get_if<OutputLine>(&*message)) on_output(std::move(*line));
    if (const auto* const violation = std::get_if<Violation>(&*message)) on_violation(*violation);
    if (const auto* const quote = std::get_if<QuoteAnswer>(&*message)) callbacks_.quote(*quote);
    if (const auto* const answer = std::get_if<ActivateAnswer>(&*message)) callbacks_.activated(*answer);
    if (auto* const configured = std::get_if<Configured>(&*message);
        configured && configured->revision == revision_) {
        state_.configure_error = std::move(configured->error);
        callbacks_.changed();
    }
}

void AgentSession::on_hello(AgentHello hello) {
    state_.hello = std::move(hello);
    send_configure();
    callbacks_.changed();
}

void AgentSession::on_heartbeat(AgentHeartbeat heartbeat) {
    const bool changed = !state_.heartbeat || state_.heartbeat->application != heartbeat.application;
    state_.heartbeat = std::move(heartbeat);
    state_.last_heard = clock_.monotonic();
    if (changed) callbacks_.changed();
}

void AgentSession::on_output(OutputLine line) {
    (line.reading ? state_.last_reading : state_.last_line) = line.text;
    state_.dropped_lines += line.dropped;
    callbacks_.output(line);
}

void AgentSession::on_violation(const Violation& violation) {
    auto& seen = state_.violations;
    const bool room = seen.size() < violation_names || seen.contains(violation.call);
    seen[room ? violation.call : "others"] += violation.count;
    callbacks_.violation(violation);
}

void AgentSession::send(const agent::v1::FromHost& message) {
    if (!socket_) return;
    const std::string payload = message.SerializeAsString();
    // A guest that does not read loses what we say, and gets it again with its next Hello.
    if (payload.size() > frame_payload_limit || sending_.size() + payload.size() > unsent_limit) return;
    sending_ += encode_frame(session_, payload);
    write_some();
}

void AgentSession::write_some() {
    while (!sending_.empty()) {
        const ssize_t count = ::send(socket_.get(), sending_.data(), sending_.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        // A broken connection is seen, and handled, by reading.
        if (count <= 0) break;
        sending_.erase(0, static_cast<std::size_t>(count));
    }
    if (watched_) arm();
}

void AgentSession::welcome() {
    agent::v1::FromHost message;
    message.mutable_welcome()->set_heartbeat_interval_ms(
        static_cast<std::uint32_t>(heartbeat_interval.count()));
    send(message);
}

void AgentSession::check_deadline() {
    if (!socket_ || clock_.monotonic() - heard_ < word_deadline) return;
    ++state_.counters.deadlines;
    heard_ = clock_.monotonic();
    // Half a frame that never gets whole would swallow the next one.
    reader_ = FrameReader{};
    int unread = 0;
    // What nobody has read yet need not be said twice: a guest without our agent never reads.
    if (!sending_.empty() || (::ioctl(socket_.get(), SIOCOUTQ, &unread) == 0 && unread > 0)) return;
    welcome();
}

Result<> AgentSession::configure(agent::v1::Configure wanted) {
    wanted.set_revision(0);
    // One byte for the tag and five for the largest number are added by the revision, as many by the
    // envelope.
    if (wanted.ByteSizeLong() + 16 > frame_payload_limit)
        return fail(Code::invalid, "the configuration is larger than a frame", partition_.str(),
                    std::to_string(frame_payload_limit) + " bytes");
    if (wanted_) {
        agent::v1::Configure before = *wanted_;
        before.set_revision(0);
        if (canonical(before) == canonical(wanted)) return {};
    }
    wanted.set_revision(++revision_);
    wanted_ = std::move(wanted);
    state_.configure_error.reset();
    if (state_.hello) send_configure();
    return {};
}

void AgentSession::send_configure() {
    if (!wanted_) return;
    agent::v1::FromHost message;
    *message.mutable_configure() = *wanted_;
    send(message);
}

Result<> AgentSession::shutdown(std::chrono::milliseconds grace) {
    if (!socket_ || !state_.hello)
        return fail(Code::unavailable, "there is no agent to ask", partition_.str());
    agent::v1::FromHost message;
    message.mutable_shutdown()->set_grace_ms(
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(grace.count(), 0, 60'000)));
    send(message);
    return {};
}

Result<> AgentSession::send_now(const agent::v1::FromHost& message) {
    if (!socket_ || !state_.hello)
        return fail(Code::unavailable, "there is no agent to ask", partition_.str());
    if (message.ByteSizeLong() > frame_payload_limit)
        return fail(Code::invalid, "the message is larger than a frame", partition_.str(),
                    std::to_string(frame_payload_limit) + " bytes");
    send(message);
    return {};
}

Result<> AgentSession::ask(const agent::v1::QuoteRequest& request) {
    agent::v1::FromHost message;
    *message.mutable_quote_request() = request;
    return send_now(message);
}

Result<> AgentSession::ask(const agent::v1::ActivateRequest& request) {
    agent::v1::FromHost message;
    *message.mutable_activate_request() = request;
    return send_now(message);
}

Result<> AgentSession::send_secrets(const agent::v1::Secrets& secrets) {
    agent::v1::FromHost message;
    *message.mutable_secrets() = secrets;
    return send_now(message);
}

void AgentSession::device_returned(const model::DeviceName& device) {
    agent::v1::FromHost message;
    message.mutable_device_returned()->set_name(device.str());
    if (state_.hello) send(message);
}

}  // namespace bulkhead::lifecycle
