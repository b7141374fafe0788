namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>Where a call goes.</summary>
internal enum Place
{
    Old,
    New,
    Journal,
}
