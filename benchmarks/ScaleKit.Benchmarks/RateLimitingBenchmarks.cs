using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;
using ScaleKit.RateLimiting;

namespace ScaleKit.Benchmarks;

/// <summary>
/// One call over 1,000 keys, admitted or refused. The rival is the framework's sliding window of as many segments behind its PartitionedRateLimiter.
/// </summary>
[MemoryDiagnoser]
public class RateLimitingBenchmarks
{
    private const int Calls = 1000;
    private const int Segments = 16;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly string[] _keys = [.. Enumerable.Range(0, Calls).Select(i => $"user-{i:D6}")];
    private PartitionedRateLimiter<string> _framework = null!;
    private SlidingWindowRateLimiter _frameworkSingle = null!;
    private PolicyRateLimiter _policies = null!;
    private PartitionedSlidingWindowLimiter<string> _partitioned = null!;
    private SlidingWindowLimiter _single = null!;

    /// <summary>False: a limit that the run cannot reach. True: one that is used up.</summary>
    [Params(false, true)]
    public bool Refused { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var limit = Refused ? 1 : RateLimitPolicy.MaximumLimit;
        var framework = new SlidingWindowRateLimiterOptions { PermitLimit = limit, Window = TimeSpan.FromDays(1), SegmentsPerWindow = Segments };
        _framework = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetSlidingWindowLimiter(key, _ => framework));
        _frameworkSingle = new SlidingWindowRateLimiter(framework);
        var window = Refused ? TimeSpan.FromDays(1) : Window;
        _policies = new PolicyRateLimiter(new RateLimitOptions { Policies = { ["api"] = new RateLimitPolicyOptions { Limit = limit, Window = window, Buckets = Segments } } });
        _partitioned = new PartitionedSlidingWindowLimiter<string>(_policies, "api", static key => key);
        _single = new SlidingWindowLimiter(new RateLimitPolicy("single", limit, window, Segments));
        foreach (var key in _keys)
        {
            _framework.AttemptAcquire(key).Dispose();
            _policies.AttemptAcquire("api", key);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _framework.Dispose();
        _frameworkSingle.Dispose();
        _partitioned.Dispose();
        _policies.Dispose();
        _single.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public int FrameworkPartitioned()
    {
        var acquired = 0;
        foreach (var key in _keys)
        {
            using var lease = _framework.AttemptAcquire(key);
            acquired += lease.IsAcquired ? 1 : 0;
        }

        return acquired;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public int PolicyRateLimiter()
    {
        var acquired = 0;
        foreach (var key in _keys)
        {
            acquired += _policies.AttemptAcquire("api", key).IsAcquired ? 1 : 0;
        }

        return acquired;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public async Task<int> PolicyRateLimiterAsync()
    {
        var acquired = 0;
        foreach (var key in _keys)
        {
            acquired += (await _policies.AcquireAsync("api", key)).IsAcquired ? 1 : 0;
        }

        return acquired;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public int PartitionedWithLease()
    {
        var acquired = 0;
        foreach (var key in _keys)
        {
            using var lease = _partitioned.AttemptAcquire(key);
            acquired += lease.IsAcquired ? 1 : 0;
        }

        return acquired;
    }

    /// <summary>The physical limit: what reading the clock costs, which every exact window must do once a call.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public long ClockOnly()
    {
        var sum = 0L;
        for (var i = 0; i < Calls; i++)
        {
            sum += TimeProvider.System.GetTimestamp();
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public int FrameworkSingle()
    {
        var acquired = 0;
        for (var i = 0; i < Calls; i++)
        {
            using var lease = _frameworkSingle.AttemptAcquire();
            acquired += lease.IsAcquired ? 1 : 0;
        }

        return acquired;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public int SlidingWindowLimiterSingle()
    {
        var acquired = 0;
        for (var i = 0; i < Calls; i++)
        {
            using var lease = _single.AttemptAcquire();
            acquired += lease.IsAcquired ? 1 : 0;
        }

        return acquired;
    }
}
