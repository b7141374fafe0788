namespace ScaleKit.Redis;

/// <summary>One call to Redis for many callers. Only its landing is thread-safe; used again after that.</summary>
/// <typeparam name="TCaller">Who is on board.</typeparam>
/// <typeparam name="TAnswer">What each of them waits for.</typeparam>
/// <typeparam name="TWaiting">Who boards together.</typeparam>
internal abstract class Flight<TCaller, TAnswer, TWaiting>(FlightQueue<TCaller, TAnswer, TWaiting> queue) : Landing
    where TCaller : FlightCaller<TAnswer>
{
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

    /// <summary>Sends the call and answers all that are on board. Nobody goes on before <see cref="Land"/>.</summary>
    /// <returns>False when Redis was of no use: nobody has an answer then.</returns>
    public abstract ValueTask<bool> FlyAsync();

    /// <summary>Answers all that are on board without Redis.</summary>
    public abstract void Fail();

    /// <summary>Tells all on board who have no answer yet what went wrong.</summary>
    public void Fail(Exception failure) => Callers.ForEach(caller => caller.Fail(failure));

    /// <summary>Nobody is on board.</summary>
    public virtual void Clear() => Callers.Clear();

    /// <summary>
    /// Lets all on board go on. The flight turns round behind the last one: they come back for the next one, and if it left at once it would be nearly empty.
    /// </summary>
    /// <inheritdoc cref="Landing.Land(int, bool)"/>
    public void Land(bool isHere) => Land(Callers.Count, isHere);

    protected override IFlightCaller Caller(int turn) => Callers[turn];

    protected override void Landed() => queue.TurnRound(this);
}
