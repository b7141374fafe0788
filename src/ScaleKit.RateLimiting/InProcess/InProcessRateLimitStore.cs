using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ScaleKit.RateLimiting;

/// <summary>
/// Counts in this process. Time is monotonic (<see cref="TimeProvider.GetTimestamp"/>) and moves lazily: no key has a timer. Thread-safe; one lock for each of
/// many shards, none for all.
/// <para>
/// Memory is bounded: a key whose permits all returned is dropped by a sweep of bounded steps. When <c>maximumKeys</c> keys are in use, further keys share one
/// window per policy and shard: each is still held to its limit, but may be refused for another's calls. Keys with a window of their own are not touched by that.
/// </para>
/// </summary>
public sealed class InProcessRateLimitStore : IRateLimitStore, IDisposable
{
    /// <summary>Keys that get a window of their own unless told otherwise: 1,000,000.</summary>
    public const int DefaultMaximumKeys = 1_000_000;

    private readonly MonotonicClock _clock;
    private readonly WindowTable[] _tables;
    private readonly int _maximumKeys;
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly WindowSweeper _sweeper;
    private long _sharedRequests;
    private int _isSharing;

    /// <summary>Creates an empty store.</summary>
    /// <param name="maximumKeys">Keys with a window of their own, 1 to 100,000,000. About 150 bytes each plus the key's text; a busy key of 16 buckets 330.</param>
    /// <param name="timeProvider">The clock; only its monotonic timestamp and its timer are used. The system's when null.</param>
    /// <param name="loggerFactory">Told once when keys begin and cease to share windows. None when null.</param>
    /// <param name="meterFactory">Makes the meter <see cref="RateLimitingDiagnostics.MeterName"/>. The store makes and disposes one of its own when null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumKeys"/> is outside its range.</exception>
    public InProcessRateLimitStore(
        int maximumKeys = DefaultMaximumKeys, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null)
    {
        StoreRules.CheckMaximumKeys(maximumKeys, nameof(maximumKeys));
        _maximumKeys = maximumKeys;
        _logger = loggerFactory?.CreateLogger(RateLimitingDiagnostics.MeterName) ?? NullLogger.Instance;
        _clock = new MonotonicClock(timeProvider);
        _tables = CreateTables(maximumKeys, _clock);
        _sweeper = new WindowSweeper(_tables, timeProvider ?? TimeProvider.System, AfterSweep);
        _meter = meterFactory?.Create(RateLimitingDiagnostics.MeterName) ?? new Meter(RateLimitingDiagnostics.MeterName);
        CreateInstruments();
    }

    /// <summary>Keys that have a window of their own now, idle ones not yet swept included. Reads every shard; exact when nobody writes.</summary>
    public int Keys
    {
        get
        {
            var keys = 0;
            foreach (var table in _tables)
            {
                keys += table.Keys;
            }

            return keys;
        }
    }

    internal Meter Meter => _meter;

    internal IReadOnlyList<WindowTable> Tables => _tables;

    /// <summary>Entries that memory is held for, over all shards.</summary>
    internal int Length => _tables.Sum(static table => table.Length);

    /// <inheritdoc/>
    public RateLimitDecision AttemptAcquire(in RateLimitCharge charge)
    {
        RateLimitCharge.Check(charge, nameof(charge));
        var hash = HashOf(charge);
        var decision = _tables[TableOf(hash)].Decide(hash, charge, out var wasShared);
        AfterDecision(wasShared);
        return decision;
    }

    /// <inheritdoc/>
    /// <remarks>Completes at once.</remarks>
    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<RateLimitDecision>(cancellationToken) : new(AttemptAcquire(charge));

    /// <inheritdoc/>
    /// <remarks>Completes at once.</remarks>
    public ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<RateLimitDecision>(cancellationToken) : new(AttemptAcquireAll(charges.Span));

    /// <inheritdoc/>
    /// <remarks>Completes at once.</remarks>
    public ValueTask<bool> SettleAsync(RateLimitCharge charge, int actual, CancellationToken cancellationToken = default)
    {
        RateLimitCharge.Check(charge, nameof(charge));
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(cancellationToken);
        }

        if (actual != charge.Permits)
        {
            var hash = HashOf(charge);
            _tables[TableOf(hash)].Settle(hash, charge, actual);
            _sweeper.Arm();
        }

        return new(true);
    }

    /// <summary>The synchronous form of <see cref="AcquireAllAsync"/>: all or nothing, without I/O.</summary>
    /// <exception cref="ArgumentException">There is no charge, or one is the default value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="RateLimitCharge.MaximumTogether"/>.</exception>
    public RateLimitDecision AttemptAcquireAll(ReadOnlySpan<RateLimitCharge> charges)
    {
        RateLimitCharge.Check(charges, nameof(charges));
        Span<int> hashes = stackalloc int[charges.Length];
        Span<int> gates = stackalloc int[charges.Length];
        for (var i = 0; i < charges.Length; i++)
        {
            hashes[i] = HashOf(charges[i]);
            gates[i] = TableOf(hashes[i]);
        }

        // Every caller takes the locks in the same order, so no two callers wait for each other. Charges of one table share one lock: it is not reentrant.
        gates.Sort();
        gates = gates[..Distinct(gates)];
        var (taken, wasShared) = (0, false);
        try
        {
            foreach (var gate in gates)
            {
                var isTaken = false;
                _tables[gate].Enter(ref isTaken);
                taken++;
            }

            return DecideAll_NeedsLocks(charges, hashes, out wasShared);
        }
        finally
        {
            while (taken > 0)
            {
                _tables[gates[--taken]].Exit();
            }

            AfterDecision(wasShared);
        }
    }

    /// <summary>Stops the sweep and, where the store made it, the meter. The counts stay usable; idle keys are then no longer dropped.</summary>
    public void Dispose()
    {
        _sweeper.Dispose();
        _meter.Dispose();
    }

    /// <returns>How many distinct values the sorted ones hold, which are moved to the front.</returns>
    private static int Distinct(Span<int> sorted)
    {
        var kept = 1;
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] != sorted[kept - 1])
            {
                sorted[kept++] = sorted[i];
            }
        }

        return kept;
    }

    private RateLimitDecision DecideAll_NeedsLocks(ReadOnlySpan<RateLimitCharge> charges, ReadOnlySpan<int> hashes, out bool wasShared)
    {
        wasShared = false;
        Span<bool> acquired = stackalloc bool[charges.Length];
        RateLimitDecision? binding = null;
        var now = _clock.Now;
        for (var i = 0; i < charges.Length; i++)
        {
            var decision = _tables[TableOf(hashes[i])].Decide_NeedsLock(hashes[i], charges[i], now, out var fromShared);
            acquired[i] = decision.IsAcquired;
            wasShared |= fromShared;
            if (binding is not { } former || Binds(decision, former))
            {
                binding = decision;
            }
        }

        if (!binding!.Value.IsAcquired)
        {
            for (var i = 0; i < charges.Length; i++)
            {
                if (acquired[i] && charges[i].Permits > 0)
                {
                    _tables[TableOf(hashes[i])].Undo_NeedsLock(hashes[i], charges[i]);
                }
            }
        }

        return binding.Value;
    }

    private static bool Binds(in RateLimitDecision candidate, in RateLimitDecision former) => (candidate.IsAcquired, former.IsAcquired) switch
    {
        (false, true) => true,
        (true, false) => false,
        (false, false) => candidate.RetryAfter > former.RetryAfter,
        _ => candidate.Remaining < former.Remaining,
    };

    internal int IndexOf(in RateLimitCharge charge) => TableOf(HashOf(charge));

    private static int HashOf(in RateLimitCharge charge) => charge.Policy.NameHash ^ charge.Key.GetHashCode(StringComparison.Ordinal);

    // The high bits choose the table, the low ones the place in it.
    private int TableOf(int hash) => (int)(((ulong)(uint)hash * (uint)_tables.Length) >> 32);

    private static WindowTable[] CreateTables(int maximumKeys, MonotonicClock clock)
    {
        // A small store has few shards, so that an uneven spread of keys does not fill one long before the others.
        const int KeysForAShard = 256;
        var count = (int)Math.Clamp(maximumKeys / KeysForAShard, 1, Math.Clamp(Environment.ProcessorCount * 16, 64, 1024));
        var tables = new WindowTable[count];
        for (var i = 0; i < count; i++)
        {
            tables[i] = new WindowTable((maximumKeys / count) + (i < maximumKeys % count ? 1 : 0), clock);
        }

        return tables;
    }

    private void CreateInstruments()
    {
        _meter.CreateObservableUpDownCounter(RateLimitingDiagnostics.Keys, () => Keys, "{key}", "Keys that the in-process store holds a window for.");
        _meter.CreateObservableCounter(
            RateLimitingDiagnostics.SharedRequests, () => Interlocked.Read(ref _sharedRequests), "{request}", "Calls answered from a window shared with other keys.");
    }

    // Outside the locks: a logger may take its time.
    private void AfterDecision(bool wasShared)
    {
        _sweeper.Arm();
        if (!wasShared)
        {
            return;
        }

        Interlocked.Increment(ref _sharedRequests);
        if (Volatile.Read(ref _isSharing) == 0 && Interlocked.Exchange(ref _isSharing, 1) == 0)
        {
            Log.KeysShared(_logger, _maximumKeys);
        }
    }

    private void AfterSweep()
    {
        // One tenth of hysteresis, or a flood at the edge would write a pair of lines a second.
        if (Volatile.Read(ref _isSharing) == 1 && Keys <= _maximumKeys - (_maximumKeys / 10) - 1 && Interlocked.Exchange(ref _isSharing, 0) == 1)
        {
            Log.KeysOwnAgain(_logger);
        }
    }
}
