using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;
using ScaleKit.Admission;

namespace ScaleKit.Benchmarks;

/// <summary>Three caps decided together, against the framework's limiter, which has one.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class AdmissionBenchmarks
{
    private const int Waiters = 1000;
    private const int PerThread = 10_000;

    private readonly AdmissionRequest _request = new("lobby", "ann");
    private readonly AdmissionRequest _other = new("garden", "bob");
    private readonly Queue<ValueTask<AdmissionResult>> _line = new();
    private readonly Queue<ValueTask<RateLimitLease>> _rivalLine = new();
    private AdmissionQueue _queue = null!;
    private AdmissionQueue _full = null!;
    private ConcurrencyLimiter _rival = null!;
    private ConcurrencyLimiter _rivalFull = null!;
    private AdmissionLease _seat = null!;
    private RateLimitLease _rivalSeat = null!;

    [GlobalSetup]
    public void Setup()
    {
        _queue = new AdmissionQueue();
        _full = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1, RoomQueueCapacity = 2 * Waiters });
        _rival = Rival(permits: 800);
        _rivalFull = Rival(permits: 1);
        _seat = _full.TryAdmit("lobby").Lease!;
        _rivalSeat = _rivalFull.AttemptAcquire();
        for (var i = 0; i < Waiters; i++)
        {
            _line.Enqueue(_full.AdmitAsync(_request));
            _rivalLine.Enqueue(_rivalFull.AcquireAsync());
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _queue.Dispose();
        _full.Dispose();
        _rival.Dispose();
        _rivalFull.Dispose();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("admit and release")]
    public async ValueTask ConcurrencyLimiter()
    {
        using var lease = await _rival.AcquireAsync();
    }

    [Benchmark, BenchmarkCategory("admit and release")]
    public async ValueTask AdmissionQueue()
    {
        var result = await _queue.AdmitAsync(_request);
        await result.Lease!.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = 2 * PerThread), BenchmarkCategory("2 threads")]
    public Task ConcurrencyLimiterTwoThreads() => Task.WhenAll(Task.Run(UseRivalAsync), Task.Run(UseRivalAsync));

    [Benchmark(OperationsPerInvoke = 2 * PerThread), BenchmarkCategory("2 threads")]
    public Task AdmissionQueueTwoThreadsTwoRooms() => Task.WhenAll(Task.Run(() => UseAsync(_request)), Task.Run(() => UseAsync(_other)));

    /// <summary>One more enters at the end of 1,000, the seat passes to the first.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("hand-over, 1,000 waiters")]
    public async ValueTask ConcurrencyLimiterHandOver()
    {
        _rivalLine.Enqueue(_rivalFull.AcquireAsync());
        _rivalSeat.Dispose();
        _rivalSeat = await _rivalLine.Dequeue();
    }

    [Benchmark, BenchmarkCategory("hand-over, 1,000 waiters")]
    public async ValueTask AdmissionQueueHandOver()
    {
        _line.Enqueue(_full.AdmitAsync(_request));
        await _seat.DisposeAsync();
        _seat = (await _line.Dequeue()).Lease!;
    }

    /// <summary>One more enters and leaves by its token while the room is full.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("enter and cancel while full")]
    public async ValueTask<bool> LinkedTokenAlone()
    {
        using var cancellation = new CancellationTokenSource();
        using var registration = cancellation.Token.UnsafeRegister(static _ => { }, this);
        await cancellation.CancelAsync();
        return cancellation.IsCancellationRequested;
    }

    [Benchmark, BenchmarkCategory("enter and cancel while full")]
    public async ValueTask<bool> AdmissionQueueEnterAndCancel()
    {
        using var cancellation = new CancellationTokenSource();
        var pending = _full.AdmitAsync(_request, cancellation.Token);
        await cancellation.CancelAsync();
        return (await pending).IsAdmitted;
    }

    private static ConcurrencyLimiter Rival(int permits) => new(
        new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = 2 * Waiters, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    private async Task UseRivalAsync()
    {
        for (var i = 0; i < PerThread; i++)
        {
            using var lease = await _rival.AcquireAsync();
        }
    }

    private async Task UseAsync(AdmissionRequest request)
    {
        for (var i = 0; i < PerThread; i++)
        {
            var result = await _queue.AdmitAsync(request);
            await result.Lease!.DisposeAsync();
        }
    }
}
