// Process 1 of the guest of libvirt_test.cpp: says hello on the console and powers off when told to.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

int main() {
    ::mount("dev", "/dev", "devtmpfs", 0, "");
    const int console = ::open("/dev/ttyS0", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) ::dup2(console, fd);
    std::puts("guest is up");
    std::fflush(stdout);
    char line[80];  // NOLINT(modernize-avoid-c-arrays)
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        if (std::strncmp(line, "poweroff", 8) == 0) ::reboot(RB_POWER_OFF);
        if (std::strncmp(line, "reboot", 6) == 0) ::reboot(RB_AUTOBOOT);
        std::printf("heard %s", line);
        std::fflush(stdout);
    }
    while (true) ::pause();
}
