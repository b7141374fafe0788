namespace ScaleKit.Migration;

/// <summary>A record of the audit log as the journal keeps it. Immutable.</summary>
/// <param name="Number">Rises with each record.</param>
/// <param name="At">When it was appended, by the journal's clock.</param>
/// <param name="Text">The text.</param>
public sealed record JournalAuditRecord(long Number, DateTimeOffset At, string Text);
