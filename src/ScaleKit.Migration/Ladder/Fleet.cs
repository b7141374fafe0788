namespace ScaleKit.Migration;

/// <summary>
/// The instances that share a migration, as this one sees them: its own lease in the journal, and the barrier at which a move waits for the leases of the others. Thread-safe.
/// </summary>
/// <remarks>
/// Invariant: whoever answers a caller holds a lease whose acknowledged revision is at most one move behind the journal. An instance takes its lease before it reads the phase, so a move that began
/// later sees it; a move begins only when every lease has acknowledged the phase before it, or has been removed by the fence of that move.
/// </remarks>
internal sealed class Fleet(MigrationLadder ladder, string name)
{
    private readonly TimeSpan _duration = ladder.Options.LeaseDuration;
    private Lease? _lease;
    private long _acknowledged;

    public bool IsAlone => _duration == TimeSpan.Zero;

    /// <summary>The lease now; null before the first, and where the options want none.</summary>
    public Lease? Lease => Volatile.Read(ref _lease);

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>How often an instance renews its lease and looks for a new phase.</summary>
    public TimeSpan Beat => _duration / 10;

    private TimeSpan Poll => TimeSpan.FromTicks(Math.Min(_duration.Ticks / 40, TimeSpan.TicksPerMillisecond * 25));

    /// <summary>Makes sure of a lease, before the phase is read. One that somebody has removed is replaced by a new one that has acknowledged nothing.</summary>
    public async ValueTask JoinAsync(CancellationToken cancellationToken)
    {
        if (IsAlone || (Lease is not null && await RenewAsync(cancellationToken).ConfigureAwait(false)))
        {
            return;
        }

        var sent = ladder.Time.GetTimestamp();
        var lease = new Lease(await ladder.Journal.TakeLeaseAsync(name, ladder.Options.InstanceName, _duration, cancellationToken).ConfigureAwait(false), ladder.Time);
        lease.Extend(sent, _duration);
        Volatile.Write(ref _acknowledged, 0);
        Volatile.Write(ref _lease, lease);
    }

    /// <summary>Renews the lease with what was acknowledged last. False when somebody has removed it: the fleet has gone on without this instance.</summary>
    public async ValueTask<bool> RenewAsync(CancellationToken cancellationToken)
    {
        if (Lease is not { } lease)
        {
            return IsAlone;
        }

        var sent = ladder.Time.GetTimestamp();
        if (await ladder.Journal.RenewLeaseAsync(name, lease.Number, Volatile.Read(ref _acknowledged), _duration, cancellationToken).ConfigureAwait(false))
        {
            lease.Extend(sent, _duration);
            return true;
        }

        // Stages made under it hold it too: none of their reads may answer any more.
        lease.End();
        Interlocked.CompareExchange(ref _lease, null, lease);
        return false;
    }

    /// <summary>No operation of an earlier revision is left in this instance. The next renewal tells it.</summary>
    public void Acknowledge(long revision) => Volatile.Write(ref _acknowledged, revision);

    /// <summary>Waits until every instance has acknowledged a revision or its lease has ended.</summary>
    public async ValueTask<Muster> AwaitAsync(long revision, CancellationToken cancellationToken)
    {
        if (IsAlone)
        {
            return Muster.Complete;
        }

        var started = ladder.Time.GetTimestamp();
        while (true)
        {
            var muster = Count(await ladder.Journal.GetLeasesAsync(name, cancellationToken).ConfigureAwait(false), revision);
            if (muster.Behind.Count == 0 || ladder.Time.GetElapsedTime(started) >= ladder.Options.MoveTimeout)
            {
                return muster;
            }

            await Task.Delay(Poll, ladder.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Removes the leases that have ended: their instances must take a new one, and then read the phase, before they answer again. Call it after the fence has been raised, so that none of their writes
    /// lands later either.
    /// </summary>
    /// <returns>Who is left and has not acknowledged the revision: one of them may have woken and renewed its lease.</returns>
    public async ValueTask<Muster> RemoveEndedAsync(long revision, CancellationToken cancellationToken)
    {
        if (IsAlone)
        {
            return Muster.Complete;
        }

        var left = new List<InstanceLease>();
        foreach (var lease in await ladder.Journal.GetLeasesAsync(name, cancellationToken).ConfigureAwait(false))
        {
            if (!lease.HasEnded || !await ladder.Journal.RemoveLeaseAsync(name, lease.Number, onlyIfEnded: true, cancellationToken).ConfigureAwait(false))
            {
                left.Add(lease with { HasEnded = false });
            }
        }

        return Count(left, revision);
    }

    /// <summary>Whether another instance holds this lease.</summary>
    public async ValueTask<bool> HoldsAsync(long number, CancellationToken cancellationToken)
    {
        if (IsAlone || number == 0 || number == Lease?.Number)
        {
            return false;
        }

        var leases = await ladder.Journal.GetLeasesAsync(name, cancellationToken).ConfigureAwait(false);
        return leases.Any(l => l.Number == number && !l.HasEnded);
    }

    /// <summary>Gives the lease back: nobody waits for this instance any more. Only when no operation runs.</summary>
    public async ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _lease, null) is { } lease)
        {
            lease.End();
            await ladder.Journal.RemoveLeaseAsync(name, lease.Number, onlyIfEnded: false, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Muster Count(IReadOnlyList<InstanceLease> leases, long revision) => new(
        [.. leases.Where(l => !l.HasEnded && l.Acknowledged < revision).Select(static l => l.Holder)],
        [.. leases.Where(static l => l.HasEnded).Select(static l => l.Holder)]);
}
