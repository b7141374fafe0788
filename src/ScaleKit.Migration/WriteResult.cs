using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>The outcome of a write.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Version">The version of the row now.</param>
/// <param name="OutboxSequence">The sequence of the outbox entry, 0 if none was written.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WriteResult(WriteStatus Status, RowVersion Version, long OutboxSequence = 0)
{
    /// <summary>Whether the write took effect.</summary>
    public bool IsWritten => Status == WriteStatus.Written;
}
