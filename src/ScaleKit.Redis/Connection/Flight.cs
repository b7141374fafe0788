using System.Runtime.CompilerServices;

namespace ScaleKit.Redis;

/// <summary>One call to Redis for many callers. Only its landing is thread-safe; used again after that.</summary>
/// <typeparam name="TCaller">Who is on board.</typeparam>
/// <typeparam name="TAnswer">What each of them waits for.</typeparam>
/// <typeparam name="TWaiting">Who boards together.</typeparam>
internal abstract class Flight<TCaller, TAnswer, TWaiting> : Landing
    where TCaller : FlightCaller<TAnswer>
{
    private readonly FlightQueue<TCaller, TAnswer, TWaiting> _queue;
    private readonly Action _arrive;
    private ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter _flying;

    protected Flight(FlightQueue<TCaller, TAnswer, TWaiting> queue) => (_queue, _arrive) = (queue, () => Arrive(own: null, isSent: true));

    /// <summary>Whether more can board.</summary>
    public abstract bool HasRoom { get; }

    /// <summary>The one on board, if there is no other: it may go on where it is.</summary>
    public TCaller? Alone => Callers.Count == 1 ? Callers[0] : null;

    /// <summary>All on board, the first in line first.</summary>
    protected List<TCaller> Callers { get; } = [];

    /// <summary>Whether those who wait, and nobody else does, had better go with this one when it turns round than with a call of their own.</summary>
    public virtual bool IsWorthAwaiting_NeedsLock(TWaiting waiting) => false;

    /// <summary>Takes on board who has not given up.</summary>
    /// <returns>True when some had no room.</returns>
    public abstract bool Board_NeedsLock(TWaiting waiting);

    /// <summary>The same without regard to room, for a flight that has failed.</summary>
    public abstract void BoardAll_NeedsLock(TWaiting waiting);

    /// <summary>Flies, and tells the queue when it arrives.</summary>
    /// <param name="own">The caller that this thread belongs to until the call is sent; null when it belongs to nobody.</param>
    public void Fly(TCaller? own)
    {
#pragma warning disable CA2012 // Consumed once, in Arrive.
        _flying = FlyAsync().ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        if (_flying.IsCompleted)
        {
            Arrive(own, isSent: false);
        }
        else
        {
            _flying.UnsafeOnCompleted(_arrive);
        }
    }

    /// <summary>Answers all that are on board without Redis.</summary>
    public abstract void Fail();

    /// <summary>Nobody is on board.</summary>
    public virtual void Clear() => Callers.Clear();

    /// <summary>
    /// Lets all on board go on. The flight turns round behind the last one: they come back for the next one, and if it left at once it would be nearly empty.
    /// </summary>
    /// <inheritdoc cref="Landing.Land(int, bool)"/>
    public void Land(bool isHere) => Land(Callers.Count, isHere);

    protected override IFlightCaller Caller(int turn) => Callers[turn];

    protected override void Landed() => _queue.TurnRound(this);

    /// <summary>Sends the call and answers all that are on board. Nobody goes on before <see cref="Land"/>.</summary>
    /// <returns>False when Redis was of no use: nobody has an answer then.</returns>
    protected abstract ValueTask<bool> FlyAsync();

    private void Arrive(TCaller? own, bool isSent)
    {
        var isServed = true;
        try
        {
            isServed = _flying.GetResult();
        }
        catch (Exception failure)
        {
            // An answer that makes no sense, or a defect of ours: it must not strand who is on board.
            Callers.ForEach(caller => caller.Fail(failure));
        }

        _queue.Arrived(this, isServed, own, isSent);
    }
}
