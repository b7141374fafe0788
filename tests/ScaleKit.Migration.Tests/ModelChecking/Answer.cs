using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What a call has answered. The value is never changed, so that it can be given to many processes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Answer(object? Value, ulong Hash)
{
    /// <summary>What it answered, for the print.</summary>
    public override string ToString() => Value switch
    {
        System.Collections.ICollection many => $"{many.Count}",
        VersionedValue<long> row => row.Exists ? $"{row.Value} v{row.Version}" : row.IsDeleted ? $"deleted v{row.Version}" : "nothing",
        WriteResult result => $"{result.Status} v{result.Version}",
        JournalEntry entry => $"revision {entry.Revision}",
        OutboxStatus status => $"{status.Pending} pending",
        ScanPage<long, long> page => $"{page.Entries.Count} rows",
        _ => $"{Value}",
    };
}
