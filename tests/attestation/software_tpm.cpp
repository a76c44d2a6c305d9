#include "software_tpm.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace bulkhead::testing_support {
namespace {

constexpr int patience_ms = 20'000;

[[noreturn]] void run_swtpm(const std::string& folder) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string state = "dir=" + folder + "/state";
    const std::string server = "type=unixio,path=" + folder + "/tpm";
    const std::string control = "type=unixio,path=" + folder + "/tpm.ctrl";  // where tpm2-tss looks for it
    const std::string log = "file=" + folder + "/log";
    const std::string pid = "file=" + folder + "/pid";
    ::execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server", server.c_str(),
             "--ctrl", control.c_str(), "--log", log.c_str(), "--pid", pid.c_str(), "--flags",
             "not-need-init,startup-clear", nullptr);
    ::_exit(127);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "bulkhead-tpm-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void SoftwareTpm::start() {
    std::filesystem::create_directories(state());
    const std::string pid_file = folder_.path() / "pid";
    const Fd fresh(::open(pid_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const Fd watch(::inotify_init1(IN_CLOEXEC));
    ::inotify_add_watch(watch.get(), pid_file.c_str(), IN_CLOSE_WRITE);
    pid_ = ::fork();
    if (pid_ == 0) run_swtpm(folder_.path());
    // It writes its id once its sockets listen.
    pollfd event{.fd = watch.get(), .events = POLLIN, .revents = 0};
    if (::poll(&event, 1, patience_ms) != 1) throw std::runtime_error("swtpm did not start");
}

void SoftwareTpm::stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
    std::filesystem::remove(socket());
    std::filesystem::remove(socket() + ".ctrl");
}

Fd SoftwareTpm::connect() const {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket().copy(address.sun_path, sizeof(address.sun_path) - 1);
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
        throw std::runtime_error("swtpm does not listen");
    return fd;
}

void SoftwareTpm::replace_state(const std::filesystem::path& by) {
    std::filesystem::remove_all(state());
    std::filesystem::copy(by, state(), std::filesystem::copy_options::recursive);
}

}  // namespace bulkhead::testing_support
