namespace ScaleKit.Migration;

/// <summary>A write that waits for its transaction.</summary>
internal abstract class SqlWork
{
    private int _begun;

    /// <summary>Whether the caller still waits for it. A write that was cancelled before it began is never run.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _begun, 1, 0) == 0;

    public bool TryCancel() => Interlocked.CompareExchange(ref _begun, 2, 0) == 0;

    /// <summary>Runs the statements. Called again when the transaction was rolled back for the sake of another write.</summary>
    public abstract ValueTask RunAsync(SqlSession session);

    public abstract void Succeed();

    public abstract void Fail(Exception failure);
}
