#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Result<Fd> open_output(const std::string& path) {
    if (path.empty()) return Fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    return open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

// What came of one capture: the file, and how much is in it. A capture that never began leaves a file as it
// was.
class Record {
  public:
    Record(const Terminal& terminal, std::string path) : terminal_(terminal), path_(std::move(path)) {}

    // False: it can't be written, and failure() says why.
    bool take(const api::CapturePiece& piece) {
        if (!out_ && !begin(piece)) return false;
        if (auto written = write(piece.data()); !written) failure_ = written.error();
        if (failure_) return false;
        packets_ = piece.packets();
        lost_ = piece.lost();
        ended_ = piece.ended();
        return true;
    }
    bool has_begun() const { return static_cast<bool>(out_); }
    const std::optional<Error>& failure() const { return failure_; }
    std::string text() const {
        return std::to_string(packets_) + " packets" +
               (lost_ == 0 ? "" : ", " + std::to_string(lost_) + " lost: they came too fast") +
               (ended_.empty() ? "" : "; ended after " + printable(ended_, longest_text)) + "\n";
    }

  private:
    bool begin(const api::CapturePiece& piece) {
        auto opened = open_output(path_);
        if (!opened) {
            failure_ = opened.error();
            return false;
        }
        out_ = std::move(*opened);
        terminal_.err("capturing " + printable(piece.what(), longest_text) + "\n");
        if (!piece.note().empty()) terminal_.err("note: " + printable(piece.note(), longest_text) + "\n");
        return true;
    }
    Result<> write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::write(out_.get(), bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return fail_errno("can't write what was captured");
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return {};
    }

    static constexpr std::size_t longest_text = 300;
    const Terminal& terminal_;
    const std::string path_;
    Fd out_;
    std::uint64_t packets_ = 0;
    std::uint64_t lost_ = 0;
    std::string ended_;
    std::optional<Error> failure_;
};

Outcome<std::uint64_t> number_of(const Invocation& args, const std::string& name, std::uint64_t most) {
    const auto number = parse_number(args.text(name), 1, most);
    if (!number)
        return fail_usage("--" + name + ": " + number.error().what,
                          "a number from 1 to " + std::to_string(most));
    return *number;
}

Outcome<Exit> run_capture(Context& context) {
    const auto seconds = number_of(context.args, "seconds", 86'400);
    if (!seconds) return std::unexpected(seconds.error());
    const auto packets = number_of(context.args, "packets", 10'000'000);
    if (!packets) return std::unexpected(packets.error());
    const auto path = context.args.text("write");
    if (path.empty() && ::isatty(STDOUT_FILENO) != 0)
        return fail_usage("capture: a terminal can't show it", "name a file with -w FILE, or pipe it on");
    api::CaptureRequest request;
    request.set_subject(context.args.text("SUBJECT"));
    request.set_seconds(static_cast<std::uint32_t>(*seconds));
    request.set_packets(*packets);
    request.set_gateway(context.args.text("gateway"));
    Record record(context.terminal, path);
    const auto done = context.client.capture(request, [&](const auto& piece) { return record.take(piece); });
    if (const auto& failure = record.failure()) return std::unexpected(Failure(*failure));
    // What came before it was interrupted, or ended otherwise, is in the file.
    if (record.has_begun()) context.terminal.err(record.text());
    if (!done) return std::unexpected(done.error());
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
            "to be cut are recorded uncut. Who captured what is recorded as the event switch.capture.\n"
            "Over a console: for an it-admin, and for a vendor what passes the interfaces of its own\n"
            "partitions; an hour, 1000000 packets and 64 MiB at most.",
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
                    {.name = "packets", .value = "N", .help = "End after so many", .preset = "100000"},
                    gateway_option()},
        .examples = {{"bulkhead capture readings -w readings.pcapng", "A minute of one conduit"},
                     {"bulkhead capture robot-cell --packets 100 | tshark -r -", "What does the robot send?"},
                     {"bulkhead --context plant capture robot-cell -w robot.pcapng",
                      "A vendor's own partition, over the console"}},
        .run = run_capture};
}

}  // namespace bulkhead::cli
