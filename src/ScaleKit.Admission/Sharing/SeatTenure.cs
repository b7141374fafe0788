namespace ScaleKit.Admission;

/// <summary>The time in which the node holds its seats. When the store has given them to others, all leases of the tenure are lost together.</summary>
internal sealed class SeatTenure(CancellationToken allLost)
{
    private readonly CancellationTokenSource _lost = CancellationTokenSource.CreateLinkedTokenSource(allLost);

    public CancellationToken Lost => _lost.Token;

    /// <summary>Written under the queue's lock, together with the counts.</summary>
    public bool IsOver { get; private set; }

    public void End() => IsOver = true;

    /// <summary>Callbacks of the application: never under the lock.</summary>
    public void Tell() => _ = _lost.CancelAsync();
}
