namespace ScaleKit.Migration;

/// <summary>The upper confidence bound of a share, after Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 1934.</summary>
internal static class MismatchBound
{
    private const int Halvings = 60;

    /// <summary>
    /// The largest p at which seeing at most <paramref name="mismatches"/> in <paramref name="reads"/> still has a probability of 1 - <paramref name="confidence"/>. Without a mismatch that is
    /// 1 - (1 - confidence)^(1/n), the "rule of three" at 95 %.
    /// </summary>
    public static double Of(long reads, long mismatches, double confidence)
    {
        if (reads == 0 || mismatches >= reads)
        {
            return 1;
        }

        if (mismatches == 0)
        {
            return 1 - Math.Pow(1 - confidence, 1.0 / reads);
        }

        var (low, high) = ((double)mismatches / reads, 1.0);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = AtMost(mismatches, reads, middle) > 1 - confidence ? (middle, high) : (low, middle);
        }

        return high;
    }

    // The binomial distribution summed from its largest term downwards: further terms soon add nothing.
    private static double AtMost(long mismatches, long reads, double p)
    {
        var log = LogChoose(reads, mismatches) + (mismatches * Math.Log(p)) + ((reads - mismatches) * Math.Log(1 - p));
        var (term, sum) = (Math.Exp(log), 0.0);
        for (var k = mismatches; k >= 0 && term > 0; k--)
        {
            sum += term;
            term *= k / (double)(reads - k + 1) * ((1 - p) / p);
            if (term < sum * 1e-17)
            {
                break;
            }
        }

        return sum;
    }

    private static double LogChoose(long n, long k) => LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k);

    // Stirling's series: exact to 1e-10 from 10 on.
    private static double LogFactorial(long n)
    {
        if (n < 10)
        {
            var product = 1.0;
            for (var i = 2; i <= n; i++)
            {
                product *= i;
            }

            return Math.Log(product);
        }

        return (n * Math.Log(n)) - n + (0.5 * Math.Log(2 * Math.PI * n)) + (1.0 / (12.0 * n)) - (1.0 / (360.0 * n * n * n));
    }
}
