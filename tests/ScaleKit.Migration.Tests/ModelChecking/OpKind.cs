namespace ScaleKit.Migration.Tests.ModelChecking;

internal enum OpKind
{
    Get,
    Put,
    Delete,
    Update,
    Move,
    Repair,
    Backfill,
    Beat,
    Share,
}
