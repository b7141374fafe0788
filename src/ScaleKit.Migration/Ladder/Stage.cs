using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>
/// The phase as operations see it, and who is inside. An operation enters the stage that is current and leaves the same one; a retired stage that is
/// empty once stays empty. Counters are striped, so that many threads do not share one cache line.
/// </summary>
internal sealed class Stage
{
    private const int Stripes = 16;
    private static readonly MigrationState Nothing = new() { Epoch = 0 };
    private readonly Stripe[] _inside = new Stripe[Stripes];
    private readonly Action<Action> _wake;
    private readonly Signal _retired;
    private volatile Signal? _left;

    public Stage(Action<Action> wake, MigrationState state, Lease? lease, bool acceptsWrites, bool isLoaded = true)
    {
        var phase = state.Phase;
        _wake = wake;
        _retired = new Signal(wake);
        Phase = phase;
        Epoch = state.Epoch;
        Tenure = state.Tenure;
        Lease = lease;
        AcceptsWrites = acceptsWrites;
        IsLoaded = isLoaded;
        IsSingle = isLoaded && acceptsWrites && !phase.HasMirror();
        ReadsOneStore = isLoaded && phase != MigrationPhase.HelpingReads;
    }

    public MigrationPhase Phase { get; }

    public long Epoch { get; }

    public long Tenure { get; }

    // Null where the process is alone.
    public Lease? Lease { get; }

    /// <summary>
    /// Whether a read that ends now may answer. Ask after the store has answered: an instance that slept through two moves would bring what nobody may see any more. Writes need no such question,
    /// their store's fence refuses them.
    /// </summary>
    public bool MayAnswer => Lease is null || Lease.Holds;

    // False while a fence is being raised: writers wait for the next stage instead of running into the fence.
    public bool AcceptsWrites { get; }

    public bool IsLoaded { get; }

    // One store, nothing else to do: the path that must cost next to nothing.
    public bool IsSingle { get; }

    public bool ReadsOneStore { get; }

    public Task Retired => _retired.Task;

    public static Stage Unloaded(Action<Action> wake) => new(wake, Nothing, lease: null, acceptsWrites: false, isLoaded: false);

    public int Enter()
    {
        var stripe = Environment.CurrentManagedThreadId % Stripes;
        Interlocked.Increment(ref _inside[stripe].Count);
        return stripe;
    }

    public void Leave(int stripe)
    {
        // Ordering: the decrement is a full fence, so either this leaver sees the waiter, or the waiter sees the decrement.
        if (Interlocked.Decrement(ref _inside[stripe].Count) == 0)
        {
            _left?.Set();
        }
    }

    public void Retire() => _retired.Set();

    /// <summary>Whether nobody is inside. Of a retired stage it stays true.</summary>
    public bool IsEmptyNow()
    {
        Interlocked.MemoryBarrier();
        return IsEmpty();
    }

    public long CountInside()
    {
        var sum = 0L;
        for (var i = 0; i < Stripes; i++)
        {
            sum += Volatile.Read(ref _inside[i].Count);
        }

        return sum;
    }

    /// <summary>Waits until nobody is inside; call it only after the next stage is current. False when time runs out.</summary>
    public async Task<bool> DrainAsync(TimeSpan timeout, TimeProvider time)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var left = new Signal(_wake);
            _left = left;
            Interlocked.MemoryBarrier();
            if (IsEmpty())
            {
                return true;
            }

            var rest = timeout - time.GetElapsedTime(started);
            if (rest <= TimeSpan.Zero)
            {
                return false;
            }

            await left.Task.WaitAsync(rest, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Every stripe is looked at by itself: an operation comes and goes through one stripe, so a stripe that was once 0 after the retirement holds nobody from before it.
    private bool IsEmpty()
    {
        for (var i = 0; i < Stripes; i++)
        {
            if (Volatile.Read(ref _inside[i].Count) > 0)
            {
                return false;
            }
        }

        return true;
    }

    // 128 bytes: two cache lines, as the prefetcher takes them in pairs.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Stripe
    {
        [FieldOffset(64)]
        public long Count;
    }
}
