namespace ScaleKit.Migration;

/// <summary>A document of a journal.</summary>
/// <param name="Text">The text.</param>
/// <param name="Revision">How often it was written, 1 or more.</param>
public sealed record JournalEntry(string Text, long Revision);
