/* How probable a number of happenings is by chance; see itsm/chance.h. */
#include "itsm/chance.h"

#include <math.h>

double itsm_poisson_tail(size_t count, double mean)
{
	double term, sum = 0;
	size_t i;

	if (count == 0 || mean <= 0)
		return count == 0 ? 1 : 0;
	/* Above the mean the tail itself is summed: 1 - sum would lose all its digits. */
	term = exp((double)count * log(mean) - mean - lgamma((double)count + 1));
	if ((double)count > mean) {
		for (i = count; term > 0 && term > sum * 1e-17; i++) {
			sum += term;
			term *= mean / (double)(i + 1);
		}
		return sum < 1 ? sum : 1;
	}
	for (i = count; i-- > 0 && term > 0;) {
		term *= (double)(i + 1) / mean;
		sum += term;
	}
	return sum < 1 ? 1 - sum : 0;
}
