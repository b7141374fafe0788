namespace ScaleKit.Admission;

/// <summary>
/// The places that a token names and that cannot be taken with it now: somebody stands there, or was seated from there while a token for it may be good.
/// So a token gets one visitor in, however often it is shown. Guarded by the queue's lock.
/// </summary>
internal sealed class ResumePlaces
{
    private readonly HashSet<long> _taken = [];
    private readonly Queue<(long Number, TimeSpan Until)> _seated = new();

    public int Count => _taken.Count;

    public bool TryTake(long number, TimeSpan now)
    {
        while (_seated.TryPeek(out var oldest) && oldest.Until <= now)
        {
            _ = _taken.Remove(_seated.Dequeue().Number);
        }

        return _taken.Add(number);
    }

    /// <summary>The visitor has its seat.</summary>
    public void Seated(long number, TimeSpan until) => _seated.Enqueue((number, until));

    /// <summary>The visitor has left without a seat.</summary>
    public void Leave(long number) => _ = _taken.Remove(number);
}
