#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/fd.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

constexpr char escape = 0x1D;  // ^], as virsh and telnet have it

class Keyboard {
  public:
    Keyboard(const Interrupt& interrupt, const Fd& closed) : interrupt_(interrupt), closed_(closed) {}

    // What is typed; nothing after the escape, a signal, or once the other side has closed.
    std::optional<std::string> next() {
        if (escaped_ || !wait()) return std::nullopt;
        std::array<char, 1024> chunk{};
        const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (got <= 0) return std::nullopt;
        std::string text(chunk.data(), static_cast<std::size_t>(got));
        const auto end = text.find(escape);
        escaped_ = end != std::string::npos;
        if (end == 0) return std::nullopt;
        return text.substr(0, end);  // what came before the escape still goes
    }

  private:
    bool wait() const {
        std::array<pollfd, 3> waiting{
            {{STDIN_FILENO, POLLIN, 0}, {interrupt_.fd(), POLLIN, 0}, {closed_.get(), POLLIN, 0}}};
        while (::poll(waiting.data(), waiting.size(), -1) < 0)
            if (errno != EINTR) return false;
        return waiting[1].revents == 0 && waiting[2].revents == 0;
    }

    const Interrupt& interrupt_;
    const Fd& closed_;
    bool escaped_ = false;
};

void write_all(std::string_view data) {
    while (!data.empty()) {
        const ssize_t wrote = ::write(STDOUT_FILENO, data.data(), data.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return;
        data.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

Outcome<void> talk(Context& context, const std::string& partition) {
    auto raw = RawTerminal::enter();
    if (!raw) return std::unexpected(Failure(raw.error()));
    const Fd closed(::eventfd(0, EFD_CLOEXEC));
    Keyboard keyboard(context.interrupt, closed);
    return context.client.attach(
        partition, context.args.text("gateway"), [&] { return keyboard.next(); }, write_all,
        [&] {
            const std::uint64_t one = 1;
            [[maybe_unused]] const auto written = ::write(closed.get(), &one, sizeof one);
        });
}

Outcome<Exit> run_attach(Context& context) {
    const std::string partition = context.args.text("PARTITION");
    // A wrong name or no manager is told before the terminal changes.
    api::ListRequest request;
    request.set_name(partition);
    request.set_gateway(context.args.text("gateway"));
    const auto list = context.client.partitions(request);
    if (!list) return std::unexpected(list.error());
    if (list->items().empty())
        return std::unexpected(Failure(Error{Code::not_found,
                                             "there is no partition " + partition,
                                             {},
                                             {},
                                             "see them all with: bulkhead get partitions"}));
    context.terminal.err("Console of " + partition + ". Leave it with Ctrl-].\n");
    const auto talked = talk(context, partition);
    if (!talked) return std::unexpected(talked.error());
    context.terminal.err("\nLeft the console of " + partition + ".\n");
    return Exit::done;
}

}  // namespace

Command attach_command() {
    return {.name = "attach",
            .summary = "Open a partition's serial console",
            .description =
                "Needs a terminal. Everything typed goes to the partition, Ctrl-C too; Ctrl-] leaves.\n"
                "What the partition sends is shown as it is, as on any serial console.",
            .arguments = {{.name = "PARTITION", .help = "Whose console", .values = Values::partition}},
            .options = {gateway_option()},
            .examples = {{"bulkhead attach it-admin", "Sit down at the console"}},
            .run = run_attach};
}

}  // namespace bulkhead::cli
