"""Many calls as one page that needs nothing but itself: a list, the worst first, and each call's picture and sound."""
