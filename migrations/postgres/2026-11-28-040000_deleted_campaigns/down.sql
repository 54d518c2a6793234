-- Which of them had finished is not known any more.
SELECT 1;
