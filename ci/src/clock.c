// SPDX-License-Identifier: EUPL-1.2
// Another wall clock for every program that loads this: ahead by OFFSET seconds, or standing still at FIXED. libfaketime would do more, but rustc stops dead
// in it: it looks symbols up, which allocates, while rustc's own allocator asks for the time. This makes system calls only.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *now) {
	int result = syscall(SYS_clock_gettime, id, now);
	// Waiting must last as long as it says, so only what tells the date is changed.
	if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
#ifdef FIXED
		now->tv_sec = FIXED;
		now->tv_nsec = 0;
#else
		now->tv_sec += OFFSET;
#endif
	}
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
	struct timespec real;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &real);
	now->tv_sec = real.tv_sec;
	now->tv_usec = real.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *now) {
	struct timespec real;
	clock_gettime(CLOCK_REALTIME, &real);
	if (now)
		*now = real.tv_sec;
	return real.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
	return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}
