#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <limits>

#include "base/file.hpp"
#include "base/units.hpp"
#include "cli/capture_file.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/conduit_filter.hpp"
#include "cli/interrupt.hpp"
#include "cli/packet_socket.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

using Moment = std::chrono::steady_clock::time_point;

struct Limits {
    Moment end;
    std::uint64_t packets = 0;
};

// Of one capture: sockets, the file, and how much is in it.
class Recorder {
  public:
    Recorder(const api::CaptureGrant& grant, int out) : grant_(grant), out_(out) {}

    Result<> begin() {
        for (const auto& name : grant_.interfaces()) {
            BULKHEAD_TRY_ASSIGN(auto socket, PacketSocket::open(name));
            sockets_.push_back(std::move(socket));
        }
        return write(capture_head({grant_.interfaces().begin(), grant_.interfaces().end()}));
    }

    // Until a limit is reached or a signal comes.
    Result<> run(const Limits& limits, const Interrupt& interrupt) {
        while (written_ < limits.packets && interrupt.signal() == 0) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(limits.end - std::chrono::steady_clock::now());
            if (left.count() <= 0) return {};
            BULKHEAD_TRY(wait(left, interrupt));
            for (std::size_t i = 0; i < sockets_.size(); ++i) BULKHEAD_TRY(take(i, limits));
        }
        return {};
    }

    std::uint64_t written() const { return written_; }
    std::uint64_t lost() {
        std::uint64_t total = 0;
        for (auto& socket : sockets_) total += socket.lost();
        return total;
    }

  private:
    Result<> wait(std::chrono::milliseconds left, const Interrupt& interrupt) {
        std::vector<pollfd> waiting{{interrupt.fd(), POLLIN, 0}};
        for (const auto& socket : sockets_) waiting.push_back({socket.fd(), POLLIN, 0});
        const auto most = std::numeric_limits<int>::max();
        const int patience = static_cast<int>(std::min<std::int64_t>(left.count(), most));
        if (::poll(waiting.data(), waiting.size(), patience) < 0 && errno != EINTR)
            return fail_errno("can't wait for frames");
        return {};
    }

    Result<> take(std::size_t index, const Limits& limits) {
        while (written_ < limits.packets) {
            BULKHEAD_TRY_ASSIGN(auto frame, sockets_[index].next());
            if (!frame) return {};
            if ((grant_.passed_only() && !frame->outgoing) || !belongs(grant_, frame->bytes)) continue;
            frame->interface = index;
            BULKHEAD_TRY(write(capture_block(*frame)));
            ++written_;
        }
        return {};
    }

    Result<> write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::write(out_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return fail_errno("can't write what was captured");
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return {};
    }

    const api::CaptureGrant& grant_;
    const int out_;
    std::vector<PacketSocket> sockets_;
    std::uint64_t written_ = 0;
};

Outcome<std::uint64_t> number_of(const Invocation& args, const std::string& name, std::uint64_t most) {
    const auto number = parse_number(args.text(name), 1, most);
    if (!number)
        return fail_usage("--" + name + ": " + number.error().what,
                          "a number from 1 to " + std::to_string(most));
    return *number;
}

Outcome<Fd> open_output(const Invocation& args) {
    const std::string path = args.text("write");
    if (path.empty() && ::isatty(STDOUT_FILENO) != 0)
        return fail_usage("capture: a terminal can't show it", "name a file with -w FILE, or pipe it on");
    if (path.empty()) return Fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (!file) return std::unexpected(Failure(file.error()));
    return std::move(*file);
}

Outcome<Exit> run(Context& context) {
    const auto seconds = number_of(context.args, "seconds", 86'400);
    if (!seconds) return std::unexpected(seconds.error());
    const auto packets = number_of(context.args, "packets", 10'000'000);
    if (!packets) return std::unexpected(packets.error());
    auto out = open_output(context.args);
    if (!out) return std::unexpected(out.error());
    api::CaptureRequest request;
    request.set_subject(context.args.text("SUBJECT"));
    request.set_seconds(static_cast<std::uint32_t>(*seconds));
    request.set_packets(*packets);
    const auto grant = context.client.begin_capture(request);
    if (!grant) return std::unexpected(grant.error());
    Recorder recorder(*grant, out->get());
    if (auto begun = recorder.begin(); !begun) return std::unexpected(Failure(begun.error()));
    const Limits limits{std::chrono::steady_clock::now() + std::chrono::seconds(*seconds), *packets};
    context.terminal.err("capturing " + grant->what() + "\n");
    if (auto done = recorder.run(limits, context.interrupt); !done)
        return std::unexpected(Failure(done.error()));
    const auto lost = recorder.lost();
    context.terminal.err(std::to_string(recorder.written()) + " packets" +
                         (lost == 0 ? "" : ", " + std::to_string(lost) + " lost: they came too fast") + "\n");
    return Exit::done;
}

}  // namespace

Command capture_command() {
    return {
        .name = "capture",
        .summary = "Record the frames of an interface or a conduit as pcapng",
        .description =
            "Of an interface: what its partition sends, before the switch judges it, and what it is handed.\n"
            "Of a conduit: what passed of its flows, both ways, each frame once. Frames that a guest leaves\n"
            "to be cut are recorded uncut. For root on the gateway: the manager says what and where, and\n"
            "records who captured what as the event switch.capture; this command reads the frames itself.",
        .arguments =
            {{.name = "SUBJECT",
              .help = "A conduit, or an interface as of explain; conduit/NAME, interface/NAME where alike",
              .values = Values::partition}},
        .options = {{.name = "write",
                     .letter = 'w',
                     .value = "FILE",
                     .help = "Write there instead of stdout",
                     .values = Values::file},
                    {.name = "seconds", .value = "N", .help = "End after so long", .preset = "60"},
                    {.name = "packets", .value = "N", .help = "End after so many", .preset = "100000"}},
        .examples = {{"bulkhead capture readings -w readings.pcapng", "A minute of one conduit"},
                     {"bulkhead capture robot-cell --packets 100 | tshark -r -",
                      "What does the robot send?"}},
        .run = run};
}

}  // namespace bulkhead::cli
